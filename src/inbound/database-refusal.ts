import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import { sqlStateOf } from '../database/sql-state.ts'
import type { Model } from '../model/data-model.ts'
import { type Refusal, refusal } from './refusal.ts'

/** How the reason begins where another record has the value: an edit of that one may make it free. */
export const SAME_VALUE = 'another record has the same'

/** What a driver tells of an error of Postgres, where Prisma Client passes it on. */
interface DriverCause {
  readonly originalMessage?: string
  readonly constraint?: { readonly index?: string; readonly fields?: readonly string[] }
}

/** Columns of a constraint, or of a unique index that is none. */
const COLUMNS = `select a.attname::text as name
  from pg_catalog.pg_attribute a
  where a.attrelid = pg_catalog.to_regclass($1) and a.attnum > 0 and (
    a.attnum = any (select unnest(c.conkey) from pg_catalog.pg_constraint c
      where c.conrelid = a.attrelid and c.conname = $2)
    or a.attnum = any (select unnest(i.indkey::int2[]) from pg_catalog.pg_index i
      join pg_catalog.pg_class x on x.oid = i.indexrelid where i.indrelid = a.attrelid and x.relname = $2)
  )`

/**
 * What the database says against a write, for the person whose edit it was; undefined for an error that is not the
 * edit's: a connection that was lost, a deadlock, a lack of rights.
 *
 * @param sql where the columns of a constraint are looked up; not the transaction that failed
 * @param nameOf what the place calls a field; undefined for one that it does not show
 * @param removes whether the record was to be deleted
 */
export async function refusalOfDatabase(
  error: unknown,
  sql: Sql,
  model: Model,
  nameOf: (field: string) => string | undefined,
  removes: boolean,
): Promise<Refusal | undefined> {
  const no = (reason: string) => refusal('EDIT_REFUSED', reason)
  const { code, name, message } = (error ?? {}) as { code?: string; name?: string; message?: string }
  if (name === 'PrismaClientValidationError') {
    const [, field] = /Argument `(\w+)` (?:is missing|must not be null)/.exec(message ?? '') ?? []
    return field === undefined ? undefined : no(`${nameOf(field) ?? field} is missing`)
  }
  if (code === 'P2025') return no('the record is not there any more')
  const state = sqlStateOf(error)
  const cause = causeOf(error)
  const names = async () => {
    const columns = await columnsOf(sql, model, cause)
    const fields = Object.values(model.fields).filter(
      (one) => 'column' in one && columns.includes(one.column),
    )
    return fields.map((field) => nameOf(field.name) ?? field.name).join(' and ')
  }
  switch (state) {
    case '23505':
      return no(`${SAME_VALUE} ${(await names()) || 'value'}`)
    case '23001':
      return no('other records refer to it')
    case '23503':
      return removes || /update or delete on table/.test(cause.originalMessage ?? '')
        ? no('other records refer to it')
        : no(`${(await names()) || 'it'} refers to a record that does not exist`)
    case '23502':
      return no(`${(await names()) || 'a value'} cannot be empty`)
    case '23514':
      return no(`it breaks the rule ${cause.originalMessage?.match(/"[^"]+"/g)?.at(-1) ?? 'of the table'}`)
    case '23P01':
      return no('it collides with another record')
    case '22001':
      return no('is too long')
    case '22003':
      return no('is out of range')
    case '428C9': {
      // The column is named in the text alone. No later attempt would be taken either.
      const [, column] = /"(.+)"/.exec(cause.originalMessage ?? '') ?? []
      const field = Object.values(model.fields).find((one) => 'column' in one && one.column === column)
      return field !== undefined && model.primaryKey.includes(field.name)
        ? no('rows cannot be added here: the database makes the key itself; ask those who run this')
        : no(`${field ? (nameOf(field.name) ?? field.name) : 'it'} is a value that the database makes itself`)
    }
    case 'P0001':
      // Whoever raised it wrote it for people.
      return no(cause.originalMessage || 'the database refused it')
    default:
      return state !== undefined && /^2[23]/.test(state) ? no('the database takes no such value') : undefined
  }
}

function causeOf(error: unknown): DriverCause {
  const { meta, cause } = (error ?? {}) as {
    meta?: { driverAdapterError?: { cause?: DriverCause } }
    cause?: DriverCause
  }
  return meta?.driverAdapterError?.cause ?? cause ?? {}
}

async function columnsOf(sql: Sql, model: Model, { constraint }: DriverCause): Promise<readonly string[]> {
  if (constraint?.fields !== undefined) return constraint.fields.map((name) => name.replaceAll('"', ''))
  if (constraint?.index === undefined) return []
  const rows = await sql.query<{ name: string }>(COLUMNS, [
    quoteTable(model.schema, model.table),
    constraint.index,
  ])
  return rows.map(({ name }) => name)
}
