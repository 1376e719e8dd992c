import { sqlStateOf } from '../database/sql-state.ts'
import { isUnreachable } from '../database/unreachable.ts'
import { isWritebackError, WritebackError } from '../errors.ts'

/**
 * What fails for every record alike. Prisma: no such table (P2021) or column (P2022), a transaction that did not come
 * about (P2028), a write conflict (P2034). SQLSTATE: no such object and no right to it (class 42), a transaction that
 * was rolled back (40), a lock or a statement that took too long (55P03, 57014).
 */
const PRISMA_CODES = ['P2021', 'P2022', 'P2028', 'P2034']
const SQL_STATES = /^(42|40|55P03|57014)/

/** True for an error that says nothing about single records, so that dividing them would find none. */
export function isOfAllRecords(error: unknown): boolean {
  return (
    isUnreachable(error) ||
    isWritebackError(error, 'TARGET_UNREADABLE', 'RECORDS_HIDDEN') ||
    PRISMA_CODES.includes(codeOf(error)) ||
    SQL_STATES.test(sqlStateOf(error) ?? '')
  )
}

/** The failure of a target whose records cannot be read at all. An unreachable database's error passes unchanged. */
export function targetUnreadable(target: string, error: unknown): unknown {
  if (isWritebackError(error) || isUnreachable(error)) return error
  return new WritebackError('TARGET_UNREADABLE', {
    problem: `no record of target ${target} can be read with the worker's Prisma client`,
    got: kindOf(error),
    remedy:
      'Where the schema has moved on, run prisma generate and deploy the worker; nothing is lost, its changes wait',
    cause: error,
  })
}

/** The failure of a record that cannot be read, although others can. */
export function recordUnreadable(error: unknown): WritebackError {
  if (isWritebackError(error)) return error
  return new WritebackError('RECORD_UNREADABLE', {
    problem: "the record cannot be read with the worker's Prisma client",
    got: kindOf(error),
    remedy:
      'Fix its value, or run prisma generate and deploy the worker where it is the client that is too old',
    cause: error,
  })
}

/** The failure of a record for which the target's filter gives no answer. */
export function filterFailed(cause: unknown): WritebackError {
  if (isWritebackError(cause, 'FILTER_FAILED')) return cause
  return new WritebackError('FILTER_FAILED', {
    problem: `the target's filter threw (${cause instanceof Error ? cause.name : typeof cause})`,
    remedy: 'Make it answer true or false for every record',
    cause,
  })
}

/** The failure of a record for which the target's filter has no answer yet: nothing waits for it. */
export function filterWaits(): WritebackError {
  return new WritebackError('FILTER_FAILED', {
    problem: "the target's filter is asynchronous",
    expected: 'true or false',
    got: 'a Promise',
    remedy: "Read what it needs with the target's include, or store the value with the record",
  })
}

/** What sort of error it is. Messages of Prisma and of Postgres quote values of the record. */
function kindOf(error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  const unknownEnum = /not found in enum '(\w+)'/.exec(message)?.[1]
  const cause = (error as { meta?: { driverAdapterError?: { cause?: Record<string, unknown> } } } | undefined)
    ?.meta?.driverAdapterError?.cause
  const details = [
    codeOf(error),
    sqlStateOf(error),
    cause?.column ?? cause?.table,
    unknownEnum && `a value that enum ${unknownEnum} lacks`,
  ]
  const name = error instanceof Error ? error.name : typeof error
  return [...new Set([name, ...details])].filter(Boolean).join(', ')
}

function codeOf(error: unknown): string {
  const { code } = (typeof error === 'object' && error !== null ? error : {}) as { code?: unknown }
  return typeof code === 'string' ? code : ''
}
