import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { TortureOptions } from './options.ts'
import type { RunJson } from './report.ts'
import { makeTemplate } from './stage/template.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))

/**
 * Runs seeds as processes of their own, several side by side, all with the same options.
 * @param onEnd told of each run as it ends; the runs that have not begun are left out once it returns false
 * @throws {Error} when a run ends without a result
 */
export async function sideBySide(
  seeds: readonly number[],
  options: TortureOptions,
  onEnd: (run: RunJson) => boolean,
): Promise<void> {
  const template = await makeTemplate()
  const running = new Set<ChildProcess>()
  const endAll = () => {
    for (const child of running) child.kill('SIGTERM')
  }
  process.on('exit', endAll)
  try {
    const left = [...seeds]
    const work = async () => {
      for (let seed = left.shift(); seed !== undefined; seed = left.shift()) {
        const result = await runProcess(argumentsFor(seed, options, template.folder), running)
        if (!result) throw new Error(`the run of seed ${seed} ended without a result`)
        if (!onEnd(result)) left.length = 0
      }
    }
    await Promise.all(Array.from({ length: options.parallel }, work))
  } finally {
    process.off('exit', endAll)
    endAll()
    template.remove()
  }
}

function argumentsFor(seed: number, options: TortureOptions, template: string): string[] {
  const { ops, workers, minutes, capture, without, shrink } = options
  return [
    ...['--json', '--template', template],
    ...Object.entries({ seed, ops, workers, minutes, capture, without, shrink }).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, String(value)],
    ),
    ...(['only', 'fault', 'writes', 'people'] as const).flatMap((name) =>
      options[name]?.length ? [`--${name}`, ...options[name]] : [],
    ),
  ]
}

async function runProcess(args: readonly string[], running: Set<ChildProcess>): Promise<RunJson | undefined> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  running.add(child)
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part
  })
  await once(child, 'close')
  running.delete(child)
  const results = text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Partial<RunJson>)
  return results.find((result): result is RunJson => result.passed !== undefined)
}
