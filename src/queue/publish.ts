import type { ChangeContext, Operation } from '../change/change.ts'
import type { Schemas } from '../config/schemas.ts'
import { quoteIdentifier } from '../database/quote.ts'
import { sqlStateOf } from '../database/sql-state.ts'
import { WritebackError } from '../errors.ts'
import type { Target } from '../model/target.ts'
import { PUBLISH_ALL_FUNCTION } from './publish-all-function.ts'
import { PUBLISH_FUNCTION } from './publish-function.ts'
import { PRIORITY } from './queues.ts'
import { RELATED_FUNCTION } from './related-function.ts'

/** A record that was written. */
export interface ChangedRecord {
  /** Prisma name of the model. */
  readonly model: string
  /** The record's id as text, see `encodeRecordId`. */
  readonly id: string
  readonly operation: Operation
}

/** One statement, to be run on the connection that made the change. */
export interface PublishStatement {
  readonly text: string
  readonly values: readonly unknown[]
}

/** Records of a target that are found by the publishing statement itself. */
export interface FoundRecords {
  /** Name of the target. */
  readonly target: string
  /**
   * SQL of a query with two text columns: the record's id and the operation.
   * @param parameter adds a value to the statement and answers with its placeholder, `$7`
   */
  readonly query: (parameter: (value: unknown) => string) => string
  /** The changed rows through which they were found, where a second look is to find others (see `sync_related`). */
  readonly secondLook?: { readonly path: string; readonly rows: readonly object[] }
}

/**
 * The statement that queues a job for every changed record and every target that follows its model.
 *
 * @param changes what was written; of several changes of one record the last one counts
 * @param targets every target of the configuration
 * @param context who the changes are owed to
 * @param priority see `PRIORITY`; a change of a person by default
 * @param found records that are published too, wherever the statement finds them
 * @returns the statement, or null when no target follows any of the records
 */
export function publishStatement(
  schemas: Schemas,
  targets: readonly Target[],
  changes: readonly ChangedRecord[],
  context: ChangeContext | undefined,
  priority: number = PRIORITY.change,
  found: readonly FoundRecords[] = [],
): PublishStatement | null {
  // Targets in the order of their names: together with the sorted keys inside, no two writers deadlock.
  const concerned = [...targets]
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .filter(
      ({ name, model }) =>
        changes.some((change) => change.model === model) || found.some(({ target }) => target === name),
    )
  if (concerned.length === 0) return null
  const values: unknown[] = []
  const parameter: Parameter = (value) => `$${values.push(value)}`
  const call = concerned.length === 1 ? callForOne : callForAll
  const tail = `${parameter(context === undefined ? null : JSON.stringify(context))}::jsonb, ${parameter(priority)}::integer`
  const inserted = call(schemas, concerned, changes, found, parameter, tail)
  const looks = found.flatMap(({ target, secondLook }) => {
    if (secondLook === undefined) return []
    const given = [target, secondLook.path].map((text) => `${parameter(text)}::text`).join(', ')
    const rows = `${parameter(JSON.stringify(secondLook.rows))}::text::jsonb`
    return [`${quoteIdentifier(schemas.library)}.${RELATED_FUNCTION}(${given}, ${rows})`]
  })
  const counted = looks.length === 0 ? '' : `, ${looks.join(' + ')} as looks`
  return { text: `select ${inserted} as inserted${counted}`, values }
}

type Parameter = (value: unknown) => string

type Call = (
  schemas: Schemas,
  targets: readonly Target[],
  changes: readonly ChangedRecord[],
  found: readonly FoundRecords[],
  parameter: Parameter,
  tail: string,
) => string

/** The usual case has a function of its own: one target, most often one record. */
const callForOne: Call = (schemas, targets, changes, found, parameter, tail) => {
  const { name, model, lane } = targets[0] as Target
  const mine = changes.filter((change) => change.model === model)
  const head = [name, model, lane].map((text) => `${parameter(text)}::text`).join(', ')
  const call = (ids: string, operations: string) =>
    `${quoteIdentifier(schemas.library)}.${PUBLISH_FUNCTION}(${head}, ${ids}, ${operations}, ${tail})`
  const ids = `${parameter(mine.map((change) => change.id))}::text[]`
  const operations = `${parameter(mine.map((change) => change.operation))}::text[]`
  const queries = found.filter(({ target }) => target === name)
  if (queries.length === 0) return call(ids, operations)
  const parts = queries.map(({ query }) => query(parameter))
  // The changed records come last: of two operations of a record theirs counts.
  parts.push(`select * from unnest(${ids}, ${operations})`)
  return `coalesce((
      select ${call('array_agg(c.id)', 'array_agg(c.operation)')}
      from (${parts.join(' union all ')}) as c (id, operation) having count(*) > 0
    ), 0)`
}

/** All targets of a write in one call, however many there are. */
const callForAll: Call = (schemas, targets, changes, found, parameter, tail) => {
  const numbers = new Map(targets.map(({ name }, at) => [name, at + 1]))
  const texts = (of: (target: Target) => string) => `${parameter(targets.map(of))}::text[]`
  const head = [texts(({ name }) => name), texts(({ model }) => model), texts(({ lane }) => lane)].join(', ')
  const call = (list: string) =>
    `${quoteIdentifier(schemas.library)}.${PUBLISH_ALL_FUNCTION}(${head}, ${list}, ${tail})`
  const all = changes.flatMap((change) =>
    targets
      .filter(({ model }) => model === change.model)
      .map(({ name }) => ({ ...change, at: numbers.get(name) ?? 0 })),
  )
  const list = [
    `${parameter(all.map(({ at }) => at))}::integer[]`,
    `${parameter(all.map(({ id }) => id))}::text[]`,
    `${parameter(all.map(({ operation }) => operation))}::text[]`,
  ].join(', ')
  if (found.length === 0) return call(list)
  const parts = found.map(
    ({ target, query }) => `select ${numbers.get(target)}::integer, q.* from (${query(parameter)}) as q`,
  )
  parts.push(`select * from unnest(${list})`)
  return `coalesce((
      select ${call('array_agg(c.at), array_agg(c.id), array_agg(c.operation)')}
      from (${parts.join(' union all ')}) as c (at, id, operation) having count(*) > 0
    ), 0)`
}

/** Turns what Postgres says when publishing fails into an error that says what to do; others pass unchanged. */
export function publishError(error: unknown): unknown {
  switch (sqlStateOf(error)) {
    // No queue; no function; no table; no schema.
    case 'SY001':
    case '42883':
    case '42P01':
    case '3F000':
      return new WritebackError('QUEUE_MISSING', {
        problem: 'a change could not be queued, so its transaction was rolled back',
        expected: `the queue and the function ${PUBLISH_FUNCTION} in the database`,
        got: 'a database without them',
        remedy: 'Run "writeback migrate" in the release step, before the application writes',
        cause: error,
      })
    default:
      return error
  }
}
