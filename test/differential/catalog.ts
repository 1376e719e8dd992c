import type pg from 'pg'
import { columnOf } from '../../src/capture/shown/links.ts'
import type { DataModel, Field, Model } from '../../src/model/data-model.ts'

/** What the database says of a column and the data model does not. */
export interface ColumnFacts {
  /** Whether the database fills it when nothing is given. */
  readonly hasDefault: boolean
  /** Whether it counts up by itself: Prisma then takes no value for it in most places. */
  readonly counts: boolean
  /** Whether the database computes it from others: nobody can write it. */
  readonly generated: boolean
  /** Longest text it takes. */
  readonly maxLength: number | null
  /** Digits before and after the point. */
  readonly precision: number | null
  readonly scale: number | null
}

/** Facts by model and field. */
export type Catalog = ReadonlyMap<string, ReadonlyMap<string, ColumnFacts>>

/** Reads what values the columns of every model take. */
export async function readCatalog(pool: pg.Pool, dataModel: DataModel): Promise<Catalog> {
  const { rows } = await pool.query<{
    schema: string
    table: string
    column: string
    default: string | null
    identity: string
    generated: string
    length: number | null
    precision: number | null
    scale: number | null
  }>(`
    select table_schema as schema, table_name as "table", column_name as "column", column_default as "default",
      is_identity as identity, is_generated as generated, character_maximum_length as length, numeric_precision as precision, numeric_scale as scale
    from information_schema.columns`)
  const found = new Map(rows.map((row) => [JSON.stringify([row.schema, row.table, row.column]), row]))
  const catalog = new Map<string, Map<string, ColumnFacts>>()
  for (const model of Object.values(dataModel.models)) {
    const facts = new Map<string, ColumnFacts>()
    for (const field of valueFields(model)) {
      const key = JSON.stringify([model.schema ?? 'public', model.table, columnOf(model, field.name)])
      const row = found.get(key)
      if (!row) throw new Error(`the data model has a column that the database has not: ${key}`)
      const counts = row.identity === 'YES' || (row.default ?? '').startsWith('nextval(')
      facts.set(field.name, {
        hasDefault: row.default !== null || counts,
        counts,
        generated: row.generated === 'ALWAYS',
        maxLength: row.length,
        precision: row.precision,
        scale: row.scale,
      })
    }
    catalog.set(model.name, facts)
  }
  return catalog
}

/** Fields with a column, those that Prisma cannot read included. */
export function valueFields(model: Model): Exclude<Field, { kind: 'relation' }>[] {
  return Object.values(model.fields).filter(
    (field): field is Exclude<Field, { kind: 'relation' }> => field.kind !== 'relation',
  )
}

/** The application's own models: those of the library are none. */
export function applicationModels(dataModel: DataModel): Model[] {
  return Object.values(dataModel.models).filter((model) => !model.table.startsWith('sync_'))
}
