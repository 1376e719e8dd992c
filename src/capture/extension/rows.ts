import { quoteIdentifier, quoteLiteral } from '../../database/quote.ts'
import type { ColumnValues } from './column-values.ts'
import type { TrackedTable } from './tracked.ts'

/** A row as following a write knows it: {@link TrackedTable.columns}, and the record's id where it is mirrored. */
export interface Row {
  readonly table: TrackedTable
  readonly values: ColumnValues
  readonly id: string | null
}

/** A query for rows, one of several that go in one statement. */
export interface RowQuery {
  readonly table: TrackedTable
  /**
   * - `linked`: rows whose `far` columns equal the `near` columns of one of `from`
   * - `joined`: the same by way of a join table
   * - `same`: the rows with the keys of `from`; `RowFound.position` tells which
   * - `search`: all rows, which reads the whole table; `from` is empty
   */
  readonly by:
    | { readonly kind: 'linked'; readonly pairs: Pairs }
    | { readonly kind: 'joined'; readonly join: TrackedTable; readonly pairs: Pairs; readonly then: Pairs }
    | { readonly kind: 'same' }
    | { readonly kind: 'search' }
  readonly from: readonly ColumnValues[]
  /** Only rows that this transaction wrote. */
  readonly writtenOnly?: boolean
  /** Keep others from changing the rows, and from adding rows that refer to them. */
  readonly lock?: boolean
}

/** Columns that are equal. */
export type Pairs = readonly { readonly near: string; readonly far: string }[]

/** A row that a query found. */
export interface RowFound extends Row {
  /** Position of the query among those of the statement. */
  readonly query: number
  /** Position in `from`, from 0, for queries by `same`. */
  readonly position: number
  /** Whether this transaction wrote the row: inserted it or updated it. */
  readonly written: boolean
}

/** One statement, to be run in the transaction of the write. */
export interface RowStatement {
  readonly text: string
  readonly values: readonly unknown[]
  /** Makes of the statement's answer what it found. */
  readonly read: (answer: unknown) => readonly RowFound[]
}

/**
 * True for a row version of this transaction: `age` of its transaction id is zero, or less for a savepoint's,
 * whose ids are younger. A row that somebody else committed meanwhile may be taken for one, which costs a
 * superfluous job and loses nothing.
 */
const WRITTEN = 'age(t.xmin) <= 0'

/**
 * The statement that answers all the queries, or null when there is nothing to ask.
 *
 * Values travel as text in JSON, and Postgres reads them into the columns' types by the table's row type, so
 * that every type can be part of a key.
 */
export function rowStatement(queries: readonly RowQuery[]): RowStatement | null {
  const values: unknown[] = []
  const parts: string[] = []
  queries.forEach((query, at) => {
    const { by } = query
    const from =
      by.kind === 'linked' || by.kind === 'joined' ? distinctKeys(by.pairs, query.from) : query.from
    if (by.kind !== 'search') {
      if (from.length === 0) return
      values.push(JSON.stringify(from))
    }
    parts.push(`q${at} as materialized (${querySql(query, at, `$${values.length}::text::jsonb`)})`)
  })
  if (parts.length === 0) return null
  const all = parts.map((part) => `select * from ${part.slice(0, part.indexOf(' '))}`).join(' union all ')
  return {
    text: `with ${parts.join(', ')} ${all}`,
    values,
    read: (answer) =>
      (answer as RawFound[]).map(({ query, position, written, id, values }) => ({
        query,
        position: Number(position) - 1,
        written,
        id,
        values,
        table: (queries[query] as RowQuery).table,
      })),
  }
}

interface RawFound {
  readonly query: number
  readonly position: bigint | number
  readonly written: boolean
  readonly id: string | null
  readonly values: ColumnValues
}

function querySql(query: RowQuery, at: number, parameter: string): string {
  const { table, by, writtenOnly, lock } = query
  const fields = table.columns.map((name) => `${quoteLiteral(name)}, t.${quoteIdentifier(name)}::text`)
  const found = `${WRITTEN} as written, ${table.idSql ?? 'null::text'} as id, jsonb_build_object(${fields.join(', ')}) as values`
  const where = writtenOnly ? ` where ${WRITTEN}` : ''
  const locked = lock ? ' for update of t' : ''
  if (by.kind === 'search') {
    return `select ${at} as query, 0::bigint as position, ${found} from ${table.sql} t${where}${locked}`
  }
  if (by.kind === 'same') {
    const equal = table.key.map((name) => `t.${quoteIdentifier(name)} = k.${quoteIdentifier(name)}`)
    return `select ${at} as query, e.position, ${found}
      from jsonb_array_elements(${parameter}) with ordinality as e (value, position)
      cross join lateral jsonb_populate_record(null::${table.sql}, e.value) as k
      join ${table.sql} t on ${equal.join(' and ')}${where}${locked}`
  }
  const first = by.kind === 'joined' ? by.join : table
  const equal = (left: string, right: string, pairs: Pairs) =>
    pairs
      .map((pair) => `${left}.${quoteIdentifier(pair.far)} = ${right}.${quoteIdentifier(pair.near)}`)
      .join(' and ')
  const same = by.pairs.map(({ far }) => ({ near: far, far }))
  const joins =
    by.kind === 'joined'
      ? `join ${by.join.sql} j on ${equal('j', 'k', same)} join ${table.sql} t on ${equal('t', 'j', by.then)}`
      : `join ${table.sql} t on ${equal('t', 'k', same)}`
  return `select ${at} as query, 0::bigint as position, ${found}
    from jsonb_populate_recordset(null::${first.sql}, ${parameter}) as k ${joins}${where}${locked}`
}

/** The values to look for, each once, under the names of the columns they are looked for in. */
function distinctKeys(pairs: Pairs, from: readonly ColumnValues[]): readonly ColumnValues[] {
  const keys = new Map<string, ColumnValues>()
  for (const values of from) {
    const key = Object.fromEntries(pairs.map(({ near, far }) => [far, values[near] ?? null]))
    if (Object.values(key).every((value) => value !== null)) keys.set(JSON.stringify(key), key)
  }
  return [...keys.values()]
}

/** Text that two rows of a table share only when they are the same. */
export function rowKey({ table, values }: Pick<Row, 'table' | 'values'>): string {
  return JSON.stringify([table.sql, ...table.key.map((name) => values[name])])
}
