import { quoteIdentifier, quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import { isUnreachable } from '../database/unreachable.ts'
import type { DataModel, Field, Model } from '../model/data-model.ts'
import { decodeRecordId } from '../model/record-id.ts'

interface KeyColumn {
  readonly name: string
  readonly type: string
  readonly hides: boolean
}

/** Looks for records by SQL of the library's own, past Prisma Client and whatever extends it. */
export class TableLookup {
  readonly #sql: Sql
  readonly #dataModel: DataModel

  /** @param sql a connection to the primary */
  constructor(sql: Sql, dataModel: DataModel) {
    this.#sql = sql
    this.#dataModel = dataModel
  }

  /**
   * Which of these records are in their table.
   * @returns undefined when this connection cannot tell: no such table, no right to read it, row-level security
   * @throws when the database cannot be reached
   */
  async present(model: Model, ids: readonly string[]): Promise<ReadonlySet<string> | undefined> {
    try {
      const types = await this.#keyTypes(model)
      if (types === undefined) return undefined
      const keys = ids.map((id) => decodeRecordId(model, id))
      const columns = model.primaryKey.map((name, at) => ({
        text: keys.map((key) => keyText(this.#dataModel, model.fields[name], key[name])),
        same: `t.${quoteIdentifier(columnOf(model, name))} = w.k${at}::${types[at]}`,
      }))
      const rows = await this.#sql.query<{ id: string }>(
        `select w.id from unnest($1::text[]${columns.map((_, at) => `, $${at + 2}::text[]`).join('')})
           as w (id${columns.map((_, at) => `, k${at}`).join('')})
         where exists (select from ${tableOf(model)} t where ${columns.map(({ same }) => same).join(' and ')})`,
        [ids, ...columns.map(({ text }) => text)],
      )
      return new Set(rows.map(({ id }) => id))
    } catch (error) {
      if (isUnreachable(error)) throw error
      return undefined
    }
  }

  /** How many records there are; undefined as in {@link present}. */
  async count(model: Model): Promise<number | undefined> {
    try {
      if ((await this.#keyTypes(model)) === undefined) return undefined
      const [row] = await this.#sql.query<{ count: string }>(
        `select count(*)::text as count from ${tableOf(model)}`,
      )
      return Number(row?.count ?? 0)
    } catch (error) {
      if (isUnreachable(error)) throw error
      return undefined
    }
  }

  /** Which of these tables have rows that row-level security hides from this connection. */
  async hidden(tables: readonly string[]): Promise<readonly string[]> {
    const [row] = await this.#sql.query<{ hidden: readonly string[] }>(
      `select array(select name from unnest($1::text[]) as t (name) where row_security_active(to_regclass(name))) as hidden`,
      [tables],
    )
    return row?.hidden ?? []
  }

  /** Types of the key columns, in the order of the key. */
  async #keyTypes(model: Model): Promise<readonly string[] | undefined> {
    const rows = await this.#sql.query<KeyColumn>(
      // Without the length: a cast to char(2) cuts what is longer.
      `select a.attname::text as name, pg_catalog.format_type(a.atttypid, -1) as type,
         pg_catalog.row_security_active(a.attrelid) as hides
       from pg_catalog.pg_attribute a where a.attrelid = pg_catalog.to_regclass($1) and not a.attisdropped and a.attnum > 0`,
      [tableOf(model)],
    )
    if (rows.some(({ hides }) => hides)) return undefined
    const types = model.primaryKey.map((name) => rows.find((row) => row.name === columnOf(model, name))?.type)
    return types.every((type) => type !== undefined) ? types : undefined
  }
}

/** A value of a key as text that Postgres reads as the column's type. */
function keyText({ enums }: DataModel, field: Field | undefined, value: unknown): string {
  if (value instanceof Date) {
    const text = value.toISOString()
    // Prisma reads a time as that time on the first day of 1970.
    return field?.kind === 'scalar' && field.nativeType === 'Time'
      ? text.slice(text.indexOf('T') + 1, -1)
      : text
  }
  const stored = field?.kind === 'enum' ? enums[field.type]?.values[String(value)] : undefined
  return stored ?? String(value)
}

/** A query that locks a record until the end of the transaction; it has a row if the record is there. */
export function lockRowSql(
  dataModel: DataModel,
  model: Model,
  id: string,
): { text: string; values: unknown[] } {
  const key = decodeRecordId(model, id, dataModel.enums)
  const same = model.primaryKey.map((name, at) => `${quoteIdentifier(columnOf(model, name))} = $${at + 1}`)
  return {
    text: `select 1 as found from ${tableOf(model)} where ${same.join(' and ')} for no key update`,
    values: model.primaryKey.map((name) => keyText(dataModel, model.fields[name], key[name])),
  }
}

function tableOf(model: Model): string {
  return quoteTable(model.schema, model.table)
}

function columnOf(model: Model, name: string): string {
  const field = model.fields[name]
  return field !== undefined && 'column' in field ? field.column : name
}
