import { quoteTable } from '../../../database/quote.ts'
import type { Sql } from '../../../database/sql.ts'
import type { Base } from '../cells/base.ts'

/** Finds records of a target by what they showed when they were last written. */
export class AlikeRecords {
  readonly #record: string

  /** @param schema Postgres schema of the `sync_` tables */
  constructor(schema: string) {
    this.#record = quoteTable(schema, 'sync_record')
  }

  /** Whether no other record has all of these cells in its base. */
  async isAlone(sql: Sql, target: string, id: string, cells: Base): Promise<boolean> {
    const where = 'target = $1 and record_key <> $2 and base @> $3::jsonb'
    const others = `select from ${this.#record} where ${where} limit 1`
    return (await sql.query(others, [target, id, JSON.stringify(cells)])).length === 0
  }

  /** Other records with the same base as one of these. */
  async twins(
    sql: Sql,
    target: string,
    records: readonly { readonly id: string; readonly base: Base }[],
  ): Promise<{ id: string; base: Base }[]> {
    const rows = await sql.query<{ id: string; at: number }>(
      `with x as (select base, min(at)::int as at from jsonb_array_elements($2::jsonb) with ordinality as e (base, at) group by base)
       select r.record_key as id, x.at from ${this.#record} r join x on x.base = r.base
       where r.target = $1 and r.record_key <> all($3)`,
      [target, JSON.stringify(records.map(({ base }) => base)), records.map(({ id }) => id)],
    )
    return rows.flatMap(({ id, at }) => {
      const base = records[at - 1]?.base
      return base ? [{ id, base }] : []
    })
  }
}
