import { isWritebackError } from '../errors.ts'
import { retryRefused } from '../inbound/retry-edits.ts'
import type { Target } from '../model/target.ts'
import { settleDeadLetters } from '../queue/dead-letters.ts'
import { publishStatement } from '../queue/publish.ts'
import { PRIORITY } from '../queue/queues.ts'
import type { PrismaReader } from '../source/prisma-reader.ts'
import { exceedsLimit, tooManyRemovals } from '../targets/removals.ts'
import { TargetStates } from '../targets/state.ts'
import { kindOf, type StateSink } from '../targets/target.ts'
import type { MaintenanceContext } from './context.ts'
import { unseenDeletions } from './unseen-deletions.ts'

/** Rows of a tab, and records of a table, that are compared at a time. */
const PAGE = 2_000

/** Errors of a target that are over when a comparison has read all of its records. */
const READING_ERRORS = ['TARGET_UNREADABLE', 'RECORDS_HIDDEN'] as const

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
  /** Records that cannot be read: a job was published for each that has an id, it fails and says why. */
  readonly unreadable: number
  /** Rows that repeat another row's key: its job was published, the writer mends it. */
  readonly duplicates: number
  /** Rows that people added without a known key: they are left alone. */
  readonly unknown: number
  /** Of `surplus`, the rows that wait for a person's word: the target was stopped. */
  readonly held: number
}

interface ReconcileContext extends MaintenanceContext {
  readonly sinks: Pick<StateSink, 'compare'>
  readonly reader: Pick<PrismaReader, 'pages'>
  /** Aborted when the worker is to leave. */
  readonly leaving: AbortSignal
}

/**
 * Compares one tab with its table, a page at a time, and publishes a job for each difference, behind the changes
 * that people make meanwhile. Where more rows would go than the target allows, it is stopped before their jobs are
 * published: they wait until somebody resumes it.
 *
 * @throws the reason of `leaving` when the worker leaves before all is compared; WritebackError `TARGET_UNREADABLE` or
 * `RECORDS_HIDDEN`, written down with the target, when the records cannot be relied on
 */
export async function reconcileTarget(runtime: ReconcileContext, target: Target): Promise<Reconciliation> {
  const { sql, config, log } = runtime
  const states = new TargetStates(config.schemas.library)
  try {
    const found = await compare(runtime, states, target)
    if (kindOf(target).editRules?.(target, config.dataModel) !== undefined)
      await retryRefused(sql, config.schemas, target.name)
    await states.clearError(sql, target.name, READING_ERRORS)
    log.info({ ...found }, 'reconciled')
    return found
  } catch (error) {
    if (isWritebackError(error, ...READING_ERRORS)) {
      log.error({ target: target.name, code: error.code }, error.message)
      await states.recordError(sql, [target.name], error.code, error.message)
    }
    throw error
  }
}

async function compare(
  runtime: ReconcileContext,
  states: TargetStates,
  target: Target,
): Promise<Reconciliation> {
  const { sinks, reader, sql, config, leaving } = runtime
  const seen = new Set<string>()
  const surplus = new Set<string>()
  const unreadable = new Set<string>()
  const tally = { rows: 0, records: 0, missing: 0, differs: 0, duplicates: 0, unknown: 0 }
  let unnamed = 0
  const [row] = await sql.query<{ now: string }>('select now()::text as now')
  const began = row?.now ?? ''

  for await (const page of sinks.compare(target, { pageRows: PAGE, signal: leaving })) {
    leaving.throwIfAborted()
    for (const id of page.ids) seen.add(id)
    for (const id of page.surplus) surplus.add(id)
    for (const id of page.unreadable) unreadable.add(id)
    tally.rows += page.rows
    tally.differs += page.differs.length
    tally.duplicates += page.duplicates.length
    tally.unknown += page.unknown
    await publish(runtime, target, new Set([...page.differs, ...page.duplicates]))
    // A worker may have died between a write and the end of what told that it failed before.
    const wrong = new Set([page.differs, page.surplus, page.unreadable, page.duplicates].flat())
    const records = page.ids.filter((id) => !wrong.has(id))
    await settleDeadLetters(sql, config.schemas, { target: target.name, records }, began)
  }
  for await (const page of reader.pages(target, PAGE)) {
    leaving.throwIfAborted()
    const missing = [...page.records.keys()].filter((id) => !seen.has(id))
    for (const id of page.failed.keys()) unreadable.add(id)
    tally.records += page.records.size + page.failed.size + page.unnamed
    tally.missing += missing.length
    unnamed += page.unnamed
    await publish(runtime, target, new Set(missing))
  }
  // Each becomes its record's own failure, and a dead letter that tells of it.
  await publish(runtime, target, unreadable)
  const held = await publishSurplus(runtime, states, target, surplus, seen.size)
  return {
    target: target.name,
    ...tally,
    surplus: surplus.size,
    unreadable: unreadable.size + unnamed,
    held,
  }
}

/**
 * @param rows rows of the tab that are, or were, a record's
 * @returns how many wait for a person's word
 */
async function publishSurplus(
  runtime: ReconcileContext,
  states: TargetStates,
  target: Target,
  surplus: ReadonlySet<string>,
  rows: number,
): Promise<number> {
  let held = 0
  if (exceedsLimit(target, surplus.size, rows)) {
    const unseen = await unseenDeletions(runtime, target, [...surplus])
    if (exceedsLimit(target, unseen, rows)) {
      held = unseen
      const error = tooManyRemovals(target, 'a comparison', unseen, rows)
      // Before their jobs are there: from now on no worker removes any of its rows.
      const stopped = await states.stop(runtime.sql, target.name, error)
      if (stopped) runtime.log.error({ target: target.name, code: error.code }, error.message)
    }
  }
  await publish(runtime, target, surplus)
  return held
}

async function publish(
  { sql, config }: Pick<MaintenanceContext, 'sql' | 'config'>,
  target: Target,
  ids: ReadonlySet<string>,
): Promise<void> {
  const all = [...ids]
  for (let at = 0; at < all.length; at += PAGE) {
    const changes = all
      .slice(at, at + PAGE)
      .map((id) => ({ model: target.model, id, operation: 'upsert' as const }))
    const statement = publishStatement(config.schemas, [target], changes, undefined, PRIORITY.backfill)
    if (statement) await sql.query(statement.text, statement.values)
  }
}
