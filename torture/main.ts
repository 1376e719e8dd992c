import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CI, parseOptions, type TortureOptions } from './options.ts'
import { makePlan } from './plan/make-plan.ts'
import { describe, type Step } from './plan/step.ts'
import { jsonOf, type RunJson, renderLine, renderRun } from './report.ts'
import { type Progress, type Run, run } from './run.ts'
import { shrink } from './shrink.ts'
import { sideBySide } from './side-by-side.ts'
import type { StageOptions } from './stage/stage.ts'
import { renderSummary, summarize } from './summary.ts'

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
function stageOf(seed: number, chosen: TortureOptions): StageOptions {
  const { workers, capture, without, template } = chosen
  return { seed, workers, without, template, capture: capture ?? (seed % 2 === 1 ? 'trigger' : 'extension') }
}

function planOf(seed: number, chosen: TortureOptions): readonly Step[] {
  if (chosen.steps) return JSON.parse(readFileSync(chosen.steps, 'utf8')) as Step[]
  const { ops, minutes, only, fault, writes, people } = chosen
  const { capture } = stageOf(seed, chosen)
  return makePlan({
    seed,
    ops,
    durationMs: minutes * 60_000,
    capture,
    ...(only && { groups: only }),
    ...(fault && { faults: fault }),
    ...(writes && { writes }),
    ...(people && { people }),
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

async function one(seed: number, chosen: TortureOptions): Promise<RunJson> {
  const plan = planOf(seed, chosen)
  const result = await run(stageOf(seed, chosen), plan, progress)
  const json = jsonOf(seed, result)
  say(chosen.json ? JSON.stringify(json) : renderRun(seed, result))
  if (!json.passed && !chosen.without) await shorter(seed, plan, result)
  return json
}

// Only a process that exits by itself ends those it has started.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1))

const chosen: TortureOptions = options.ci ? { ...options, ...CI, seeds: CI.seeds.length } : options
const seeds = options.ci ? CI.seeds : Array.from({ length: options.seeds }, (_, at) => options.seed + at)
const runs: RunJson[] = []
let hasFailed = false

/** @returns whether to go on: a protection that is off has been found once it was found */
function note(run: RunJson): boolean {
  runs.push(run)
  hasFailed ||= !run.passed
  return !(chosen.without && hasFailed)
}

if (chosen.parallel > 1) {
  await sideBySide(seeds, chosen, (run) => {
    say(chosen.json ? JSON.stringify(run) : renderLine(run))
    return note(run)
  })
} else {
  for (const seed of seeds) if (!note(await one(seed, chosen))) break
}
if (chosen.without) {
  const found = runs.filter(({ passed }) => !passed).map(({ seed }) => seed)
  say(`without ${chosen.without}: ${hasFailed ? `found with seed ${found.join(', ')}` : 'not found'}`)
  process.exit(hasFailed ? 0 : 1)
}
if (seeds.length > 1)
  say(chosen.json ? JSON.stringify({ summary: summarize(runs) }) : renderSummary(summarize(runs)))
process.exit(hasFailed ? 1 : 0)
