import { z } from 'zod'
import type { SheetTarget } from '../src/config/target.ts'
import { WritebackError } from '../src/errors.ts'
import { publishStatement } from '../src/queue/publish.ts'
import { PRIORITY, QUEUES, SECONDS } from '../src/queue/queues.ts'
import { workOn } from './attempts.ts'
import { failureOf, type TargetFailure, TargetsFailed } from './failure.ts'
import { type JobDefinition, maintenanceQueue, type Runtime } from './job.ts'

/** Rows of a tab, and records of a table, that are compared at a time. */
const PAGE = 2_000

const dataSchema = z.object({ target: z.string().optional() }).nullish()

/** What a comparison of a tab with its table found. */
export interface Reconciliation {
  readonly target: string
  /** Rows of the tab, and records of the table, that were compared. */
  readonly rows: number
  readonly records: number
  /** Records without a row, rows that differ, rows whose record is gone: a job was published for each. */
  readonly missing: number
  readonly differs: number
  readonly surplus: number
  /** Rows that repeat another row's key: its job was published, the writer mends it. */
  readonly duplicates: number
  /** Rows that people added without a known key: they are left alone. */
  readonly unknown: number
}

/** Compares every tab with its table and publishes a job for each difference. */
export const reconcile: JobDefinition = {
  name: 'reconcile',
  queues: (config) => [
    {
      ...maintenanceQueue(QUEUES.reconcile, config),
      notify: true,
      // It reads every row of a tab: longer than the others, hence with heartbeats.
      heartbeatSeconds: 60,
      expireInSeconds: 6 * SECONDS.hour,
      // The first one fills a tab: it must outlive a time without workers.
      retentionSeconds: 90 * SECONDS.day,
    },
  ],
  schedule: (config) => config.schedules.reconcile,

  async start(runtime) {
    // One NOTIFY may stand for several targets: the next one is looked for soon, not with the next NOTIFY.
    const options = { pollingIntervalSeconds: 2, notifyPollingIntervalSeconds: 2 }
    await workOn(runtime, QUEUES.reconcile, options, async (jobs) => {
      const found: Reconciliation[] = []
      for (const job of jobs) found.push(...(await reconcileJob(runtime, job.data)))
      return { found }
    })
  },
}

async function reconcileJob(runtime: Runtime, data: unknown): Promise<Reconciliation[]> {
  const wanted = dataSchema.parse(data)?.target
  const targets = runtime.config.targets.filter((target) => wanted === undefined || target.name === wanted)
  if (targets.length === 0) {
    throw new WritebackError('TARGET_UNKNOWN', {
      problem: 'nothing to reconcile',
      expected: `one of ${runtime.config.targets.map((target) => target.name).join(', ')}`,
      got: wanted ?? 'no target',
    })
  }
  const found: Reconciliation[] = []
  const failures: TargetFailure[] = []
  for (const target of targets) {
    runtime.leaving.throwIfAborted()
    try {
      found.push(await reconcileTarget(runtime, target))
    } catch (error) {
      // One that cannot be compared does not keep the others from it.
      if (targets.length === 1 || runtime.leaving.aborted) throw error
      failures.push({ target: target.name, ...failureOf(error) })
    }
  }
  if (failures.length > 0) throw new TargetsFailed(failures, found)
  return found
}

/**
 * Compares one tab with its table, a page at a time, and publishes a job for each difference, behind the changes
 * that people make meanwhile.
 *
 * @throws the reason of `leaving` when the worker leaves before all is compared
 */
export async function reconcileTarget(
  runtime: Pick<Runtime, 'sql' | 'config' | 'writer' | 'reader' | 'log' | 'leaving'>,
  target: SheetTarget,
): Promise<Reconciliation> {
  const { writer, reader, log, leaving } = runtime
  const seen = new Set<string>()
  const tally = { rows: 0, records: 0, missing: 0, differs: 0, surplus: 0, duplicates: 0, unknown: 0 }

  for await (const page of writer.compare(target, { pageRows: PAGE, signal: leaving })) {
    leaving.throwIfAborted()
    for (const id of page.ids) seen.add(id)
    tally.rows += page.rows
    tally.differs += page.differs.length
    tally.surplus += page.surplus.length
    tally.duplicates += page.duplicates.length
    tally.unknown += page.unknown
    await publish(runtime, target, new Set([...page.differs, ...page.surplus, ...page.duplicates]))
  }
  for await (const page of reader.pages(target, PAGE)) {
    leaving.throwIfAborted()
    const missing = [...page.keys()].filter((id) => !seen.has(id))
    tally.records += page.size
    tally.missing += missing.length
    await publish(runtime, target, new Set(missing))
  }
  const found: Reconciliation = { target: target.name, ...tally }
  log.info({ ...found }, 'reconciled')
  return found
}

async function publish(
  { sql, config }: Pick<Runtime, 'sql' | 'config'>,
  target: SheetTarget,
  ids: ReadonlySet<string>,
): Promise<void> {
  if (ids.size === 0) return
  const changes = [...ids].map((id) => ({ model: target.model, id, operation: 'upsert' as const }))
  const statement = publishStatement(config.schemas, [target], changes, undefined, PRIORITY.backfill)
  if (statement) await sql.query(statement.text, statement.values)
}
