import { setTimeout as sleep } from 'node:timers/promises'
import { Command, Option } from 'commander'
import { WritebackError } from '../src/errors.ts'
import type { Reconciliation } from '../src/maintenance/reconcile-target.ts'
import type { Operations } from '../src/operations/operations.ts'
import { duration, parseDuration } from './format.ts'
import { print, printJson, renderTable, showProgress, wrap } from './output.ts'
import { actorOf, withActor, withSession } from './session.ts'

/** How often the state of the comparison is looked at. */
const LOOK_EVERY_MS = 500

interface Options {
  readonly wait?: true
  readonly timeout: number
  readonly json?: true
}

/** `writeback reconcile [TARGET]`: compares tab and table. */
export function reconcileCommand(): Command {
  const command = new Command('reconcile')
    .description('compare a tab with its table, or all of them; what differs is written again')
    .argument('[target]', 'name of the target; all without one')
    .option('-w, --wait', 'wait for the comparison and print what it found')
    .addOption(
      new Option('--timeout <time>', 'how long to wait at most')
        .default(30 * 60_000, '30m')
        .argParser(parseDuration),
    )
    .option('--json', 'print JSON')
  return withActor(command).action(async (target: string | undefined, options: Options, self: Command) => {
    await withSession(self, async ({ operations }) => {
      const { jobId, isNew } = await operations.reconcile(target, actorOf(self))
      if (!options.wait) {
        if (options.json) printJson({ jobId, isNew })
        else print(isNew ? `queued ${jobId}` : `${jobId} is queued already`)
        return
      }
      const found = await follow(operations, jobId, options.timeout)
      if (options.json) printJson({ jobId, found })
      else print(render(found))
    })
  })
}

async function follow(
  operations: Operations,
  jobId: string,
  timeoutMs: number,
): Promise<readonly Reconciliation[]> {
  const started = Date.now()
  const deadline = started + timeoutMs
  let isWarned = false
  for (;;) {
    const { state, found, error } = await operations.reconcileProgress(jobId)
    if (state === 'waiting' && !isWarned && !(await hasWorker(operations))) {
      isWarned = true
      process.stderr.write('no worker is alive: the comparison waits for one. Start it: writeback worker\n')
    }
    const doing = { waiting: 'waiting for a worker', active: 'comparing' }[state as string]
    showProgress(doing === undefined ? '' : `${doing}, ${duration(Date.now() - started)}`)
    if (state === 'completed') return found
    if (state === 'failed' || state === 'gone') {
      throw new WritebackError('UNEXPECTED', { problem: `the comparison ${state}`, got: error ?? 'no job' })
    }
    if (Date.now() > deadline) {
      showProgress('')
      throw new WritebackError('UNEXPECTED', {
        problem: 'the comparison has not ended yet',
        got: `state ${state}`,
        remedy: isWarned
          ? 'No worker is alive: start one with writeback worker'
          : 'It goes on by itself when a worker runs; see writeback status',
      })
    }
    await sleep(LOOK_EVERY_MS)
  }
}

const COLUMNS = {
  ROWS: 'rows',
  RECORDS: 'records',
  MISSING: 'missing',
  DIFFER: 'differs',
  SURPLUS: 'surplus',
  UNREADABLE: 'unreadable',
  DUPLICATE: 'duplicates',
  UNKNOWN: 'unknown',
} as const satisfies Readonly<Record<string, keyof Reconciliation>>

async function hasWorker(operations: Operations): Promise<boolean> {
  return (await operations.stats()).workers.some((worker) => worker.alive)
}

function render(found: readonly Reconciliation[]): string {
  const table = renderTable(
    [
      { head: 'TARGET', flexible: 'cut' },
      ...Object.keys(COLUMNS).map((head) => ({ head, align: 'right' }) as const),
    ],
    // A worker of an older version does not count all of these.
    found.map((one) => [one.target, ...Object.values(COLUMNS).map((count) => String(one[count] ?? 0))]),
  )
  const held = found.flatMap(({ target, held }) =>
    held > 0
      ? [wrap(`${target} is stopped: ${held} rows would go. If they may: writeback resume ${target}`)]
      : [],
  )
  return [table, ...held].join('\n')
}
