import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CI, parseOptions, type TortureOptions } from './options.ts'
import { makePlan } from './plan/make-plan.ts'
import { describe, type Step } from './plan/step.ts'
import { jsonOf, renderRun } from './report.ts'
import { type Progress, type Run, run } from './run.ts'
import { shrink } from './shrink.ts'
import type { StageOptions } from './stage/stage.ts'

const STEPS_SHOWN = 60

const options = parseOptions(process.argv.slice(2))

/** A line that is written over, for a person who waits. */
const progress: Progress = (phase, done, of) => {
  if (!process.stderr.isTTY) return
  const part = done === undefined ? '' : ` ${done} of ${of}`
  process.stderr.write(`\r\x1b[K${phase}${part}`)
}

function say(line: string): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K')
  process.stdout.write(`${line}\n`)
}

/** Half of the seeds go through triggers, half through the extension. */
function stageOf(seed: number, { workers, capture, without }: TortureOptions): StageOptions {
  return { seed, workers, without, capture: capture ?? (seed % 2 === 1 ? 'trigger' : 'extension') }
}

function planOf(seed: number, chosen: TortureOptions): readonly Step[] {
  if (chosen.steps) return JSON.parse(readFileSync(chosen.steps, 'utf8')) as Step[]
  const { ops, minutes, only, fault } = chosen
  const { capture } = stageOf(seed, chosen)
  return makePlan({
    seed,
    ops,
    durationMs: minutes * 60_000,
    capture,
    ...(only && { groups: only }),
    ...(fault && { faults: fault }),
  })
}

async function shorter(seed: number, plan: readonly Step[], first: Run): Promise<void> {
  const kinds = new Set(first.violations.map(({ kind }) => kind))
  let n = 0
  const fails = async (steps: readonly Step[]) => {
    progress(`making the list of steps shorter, run ${++n} of ${options.shrink}`)
    const again = await run(stageOf(seed, options), steps, () => {})
    return again.violations.some(({ kind }) => kinds.has(kind))
  }
  const steps = options.shrink > 0 ? await shrink(plan, fails, options.shrink) : plan
  const file = join(tmpdir(), `writeback-torture-${seed}-steps.json`)
  writeFileSync(file, `${JSON.stringify(steps, null, 1)}\n`)
  if (options.json) {
    say(JSON.stringify({ seed, steps: steps.length, file }))
    return
  }
  say(
    `  ${steps.length} steps (of ${plan.length}); again with: npm run torture -- --seed ${seed} --steps ${file}`,
  )
  if (steps.length <= STEPS_SHOWN) for (const step of steps) say(`    ${describe(step)}`)
}

async function one(seed: number, chosen: TortureOptions): Promise<boolean> {
  const plan = planOf(seed, chosen)
  const result = await run(stageOf(seed, chosen), plan, progress)
  say(chosen.json ? JSON.stringify(jsonOf(seed, result)) : renderRun(seed, result))
  if (result.violations.length > 0 && !chosen.without) await shorter(seed, plan, result)
  return result.violations.length === 0
}

const chosen: TortureOptions = options.ci ? { ...options, ...CI, seeds: CI.seeds.length } : options
const seeds = options.ci ? CI.seeds : Array.from({ length: options.seeds }, (_, at) => options.seed + at)
const passed: number[] = []
const failed: number[] = []
for (const seed of seeds) {
  ;((await one(seed, chosen)) ? passed : failed).push(seed)
  // A protection that is off has been found once it was found.
  if (options.without && failed.length > 0) break
}
if (options.without) {
  const found = failed.length > 0
  say(
    found
      ? `without ${options.without}: found with seed ${failed[0]}`
      : `without ${options.without}: not found`,
  )
  process.exit(found ? 0 : 1)
}
if (seeds.length > 1 && !options.json) say(`${passed.length} of ${seeds.length} seeds passed`)
process.exit(failed.length === 0 ? 0 : 1)
