import type { Sql } from '../../database/sql.ts'
import type { Model } from '../../model/data-model.ts'
import { ALL, type Columns, NONE, only } from '../shown/columns.ts'
import { TRIGGER_NAMES } from '../shown/names.ts'
import { BELIEVED_MS } from './capture-mode.ts'
import type { Tracked } from './tracked.ts'

/** What the database changes in a row with an update that does not name it. */
export interface Computed {
  /** Columns that may be changed by the time the transaction commits. */
  readonly columns: Columns
  /** Those that the update itself changes, as it writes the row: keys among them tell which record was which. */
  readonly written: Columns
}

export const NOTHING_COMPUTED: Computed = { columns: NONE, written: NONE }

interface Row {
  readonly schema: string
  readonly table: string
  readonly generated: readonly string[]
  readonly before: boolean
  readonly after: boolean
}

/**
 * Columns that the database changes with an update which does not name them: generated columns, and any column of a
 * table with triggers of the application's own. Prisma's schema does not tell, so that the catalog is asked,
 * with the first update that matters and now and then again.
 */
export class ComputedColumns {
  readonly #tracked: Tracked
  #known: { readonly byTable: ReadonlyMap<string, Computed>; readonly until: number } | undefined

  /** @param tracked everything that a target shows */
  constructor(tracked: Tracked) {
    this.#tracked = tracked
  }

  /** @param sql where to ask; inside of a transaction its own connection, for the pool may have no other */
  async of(model: Model, sql: Sql): Promise<Computed> {
    if (!this.#known || Date.now() >= this.#known.until) {
      this.#known = { byTable: await this.#read(sql), until: Date.now() + BELIEVED_MS }
    }
    return this.#known.byTable.get(this.#nameOf(model)) ?? NOTHING_COMPUTED
  }

  #nameOf({ schema, table }: Pick<Model, 'schema' | 'table'>): string {
    return JSON.stringify([schema ?? this.#tracked.schemas.library, table])
  }

  async #read(sql: Sql): Promise<ReadonlyMap<string, Computed>> {
    const { dataModel, schemas } = this.#tracked
    const models = Object.values(dataModel.models)
    const rows = await sql.query<Row>(
      `select n.nspname::text as schema, c.relname::text as "table",
         array(
           select a.attname::text from pg_catalog.pg_attribute a
           where a.attrelid = c.oid and a.attgenerated <> '' and not a.attisdropped
         ) as generated,
         coalesce(bool_or(t.is_before), false) as before,
         coalesce(bool_or(not t.is_before), false) as after
       from unnest($1::text[], $2::text[]) as wanted (schema, name)
       join pg_catalog.pg_namespace n on n.nspname = wanted.schema
       join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = wanted.name
       left join lateral (
         -- TRIGGER_TYPE_BEFORE and TRIGGER_TYPE_UPDATE of src/include/catalog/pg_trigger.h.
         select t.tgtype::int & 2 <> 0 as is_before from pg_catalog.pg_trigger t
         where t.tgrelid = c.oid and not t.tgisinternal and t.tgenabled <> 'D'
           and t.tgtype::int & 16 <> 0 and t.tgname <> all ($3::text[])
       ) t on true
       group by n.nspname, c.oid, c.relname`,
      [
        models.map(({ schema }) => schema ?? schemas.library),
        models.map(({ table }) => table),
        Object.values(TRIGGER_NAMES),
      ],
    )
    return new Map(
      rows.map((row) => {
        const written = row.before ? ALL : only(row.generated)
        return [this.#nameOf(row), { columns: row.after ? ALL : written, written }]
      }),
    )
  }
}
