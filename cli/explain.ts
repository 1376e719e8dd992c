import { sqlStateOf } from '../src/database/sql-state.ts'
import { isUnreachable, unreachable } from '../src/database/unreachable.ts'
import { isWritebackError, messageOf, WritebackError } from '../src/errors.ts'

/** SQLSTATE of a statement that names a table that is not there. */
const UNDEFINED_TABLE = '42P01'

/** Turns what Postgres says into an error that says what to do; others pass unchanged. */
export function explain(error: unknown): unknown {
  if (isWritebackError(error)) return error
  if (isUnreachable(error)) return unreachable(error)
  if (!namesMissingTable(error)) return error
  return new WritebackError('TABLES_MISSING', {
    problem: 'a table is not in the database',
    expected: "the library's tables and pg-boss's",
    got: messageOf(error),
    remedy: 'Run "writeback migrate"; "writeback init" adds the migrations of the library\'s tables',
    cause: error,
  })
}

/** Whether Postgres refused a statement because a table is not there. */
export function namesMissingTable(error: unknown): boolean {
  return sqlStateOf(error) === UNDEFINED_TABLE
}
