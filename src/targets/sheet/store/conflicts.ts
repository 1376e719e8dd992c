import type { Sql } from '../../../database/sql.ts'
import { ConflictStore } from '../../merge/conflicts.ts'
import type { SheetCell } from '../cells/cell.ts'

/** An open conflict, and what the sheet shows. */
export interface ListedConflict {
  readonly id: string
  readonly header: string
  readonly sheet: SheetCell
}

/** The table `sync_conflict` as the Sheets target writes it. Each method is one statement. */
export class SheetConflictStore extends ConflictStore {
  /** @param schema Postgres schema of the `sync_` tables */
  constructor(schema: string) {
    super(schema, 'sheet')
  }

  /** Open conflicts of a target that were listed during the last so many ms. */
  async within(sql: Sql, target: string, ms: number): Promise<ListedConflict[]> {
    return sql.query<ListedConflict>(
      `select record_key as id, column_name as header, sheet from ${this.conflict}
       where target = $1 and open and created_at >= now() - $2 * interval '1 millisecond'`,
      [target, Math.ceil(ms)],
    )
  }

  /**
   * Ends the conflicts about changed keys that were listed before, where no row shows such a key any more.
   * @param header of the key column
   * @param keys keys of no record, as the whole tab shows them; null where rows have none
   */
  async settleKeys(
    sql: Sql,
    target: string,
    header: string,
    keys: ReadonlySet<string | null>,
    before: string,
  ): Promise<void> {
    await sql.query(
      `update ${this.conflict} c
       set state = 'resolved', open = null, resolved_at = now(), resolved_by = 'system', winner = 'database',
         reason = c.reason || '; no such row is there any more'
       where c.target = $1 and c.open and c.column_name = $2 and c.created_at < $5::timestamptz
         and not (case when c.sheet is null or c.sheet = 'null' then $4 else c.sheet #>> '{}' = any($3) end)`,
      [target, header, [...keys].filter((key) => key !== null), keys.has(null), before],
    )
  }
}
