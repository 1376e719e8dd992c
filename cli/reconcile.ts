import { Command, Option } from 'commander'
import type { Reconciliation } from '../src/maintenance/reconcile-target.ts'
import type { ReconcileProgress } from '../src/operations/maintenance.ts'
import { follow } from './follow.ts'
import { duration, parseDuration } from './format.ts'
import { print, printJson, renderTable, wrap } from './output.ts'
import { actorOf, withActor, withSession } from './session.ts'

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
      const comparison = {
        subject: 'the comparison',
        look: () => operations.reconcileProgress(jobId),
        isDone: ({ state }: ReconcileProgress) => state === 'completed',
        inWords,
      }
      const { found } = await follow(operations, comparison, options.timeout)
      if (options.json) printJson({ jobId, found })
      else print(render(found))
    })
  })
}

function inWords({ state }: ReconcileProgress, ms: number): string {
  const doing = { waiting: 'waiting for a worker', active: 'comparing' }[state as string]
  return doing === undefined ? '' : `${doing}, ${duration(ms)}`
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
