import type { ChangeContext, Operation } from '../change/change.ts'
import type { Schemas } from '../config/schemas.ts'
import { quoteIdentifier } from '../database/quote.ts'
import { sqlStateOf } from '../database/sql-state.ts'
import { WritebackError } from '../errors.ts'
import type { Target } from '../model/target.ts'
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
  const calls: string[] = []
  const values: unknown[] = []
  const parameter = (value: unknown) => `$${values.push(value)}`
  const name = `${quoteIdentifier(schemas.library)}.${PUBLISH_FUNCTION}`
  const related = `${quoteIdentifier(schemas.library)}.${RELATED_FUNCTION}`
  // Targets in the order of their names: together with the sorted keys inside, no two writers deadlock.
  for (const target of [...targets].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const mine = changes.filter((change) => change.model === target.model)
    const queries = found.filter((one) => one.target === target.name)
    if (mine.length === 0 && queries.length === 0) continue
    const call = (ids: string, operations: string) => {
      const head = [target.name, target.model, target.lane].map((text) => `${parameter(text)}::text`)
      const contextText = context === undefined ? null : JSON.stringify(context)
      const tail = `${parameter(contextText)}::jsonb, ${parameter(priority)}::integer`
      return `${name}(${head.join(', ')}, ${ids}, ${operations}, ${tail})`
    }
    const ids = `${parameter(mine.map((change) => change.id))}::text[]`
    const operations = `${parameter(mine.map((change) => change.operation))}::text[]`
    if (queries.length === 0) {
      calls.push(call(ids, operations))
      continue
    }
    const parts = queries.map(({ query }) => query(parameter))
    // The changed records come last: of two operations of a record theirs counts.
    parts.push(`select * from unnest(${ids}, ${operations})`)
    calls.push(`coalesce((
      select ${call('array_agg(c.id)', 'array_agg(c.operation)')}
      from (${parts.join(' union all ')}) as c (id, operation) having count(*) > 0
    ), 0)`)
  }
  if (calls.length === 0) return null
  const looks = found.flatMap(({ target, secondLook }) => {
    if (secondLook === undefined) return []
    const given = [target, secondLook.path].map((text) => `${parameter(text)}::text`).join(', ')
    return [`${related}(${given}, ${parameter(JSON.stringify(secondLook.rows))}::text::jsonb)`]
  })
  const counted = looks.length === 0 ? '' : `, ${looks.join(' + ')} as looks`
  return { text: `select ${calls.join(' + ')} as inserted${counted}`, values }
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
