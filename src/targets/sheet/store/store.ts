import { quoteTable } from '../../../database/quote.ts'
import type { Sql } from '../../../database/sql.ts'
import { upsertTargetSql } from '../../upsert-target.ts'
import type { Base, Intended } from '../cells/base.ts'
import type { SheetCell } from '../cells/cell.ts'
import type { SheetTarget } from '../config/target.ts'
import type { ConflictNote } from '../decide/decide-cell.ts'
import type { StoredLayout } from '../tab/memory.ts'
import { AlikeRecords } from './alike.ts'
import { SheetConflictStore } from './conflicts.ts'
import { type Unseen, UnseenStore } from './unseen.ts'

/** What is stored of a target, in `sync_target.place`. */
export interface StoredTarget {
  readonly sheetId: number | null
  readonly tab: string
  readonly layout: StoredLayout | null
  /** What the last look for edits missed. */
  readonly unseen?: Unseen | undefined
}

/** What is stored of a record in a target. */
export interface StoredRecord {
  readonly base: Base
  /** What calls were about to write whose result was never stored; null as a rule. */
  readonly intended: Intended | null
  /** True when a person's removal of the row has been noted. */
  readonly missing: boolean
  /** True when somebody has said since that the record may be deleted for it. */
  readonly mayBeDeleted: boolean
  /** What cells showed when their conflict was noted that is open, by header. */
  readonly open: ReadonlyMap<string, SheetCell>
}

/** What changes of a record's base. */
export interface BasePatch {
  readonly changed: Base
  /** Headers of columns that are not shown any more. */
  readonly dropped: readonly string[]
}

/** What a batch changed of the stored records of one target. */
export interface RecordChanges {
  readonly bases: ReadonlyMap<string, Base>
  /** Of records whose base others change as well: what changed of it. */
  readonly patches: ReadonlyMap<string, BasePatch>
  readonly forgotten: readonly string[]
  readonly missing: readonly string[]
  readonly conflicts: readonly { readonly id: string; readonly note: ConflictNote }[]
  readonly settled: readonly { readonly id: string; readonly header: string }[]
}

/** Counters of a target that a batch adds to. */
export interface TargetProgress {
  /** True when a record of the target came through, and its tab can be used. */
  readonly succeeded: boolean
  readonly apiCalls: number
  readonly rowsWritten: number
  readonly rowsRemoved: number
  readonly repaired: number
}

/**
 * As a table of a statement: its commit waits for the disk, though those of a lane's session do not. Until then a crash of
 * Postgres takes a commit back (https://www.postgresql.org/docs/current/wal-async-commit.html), and whatever was done
 * because of it stays.
 */
const ON_DISK = `set_config('synchronous_commit', 'on', true)`

/** The library's tables as the Sheets target uses them. Each method is one statement. */
export class SheetStore {
  readonly #target: string
  readonly #record: string
  readonly #conflict: string
  /** Conflicts of the target's cells. */
  readonly conflicts: SheetConflictStore
  readonly unseen: UnseenStore
  readonly alike: AlikeRecords

  /** @param schema Postgres schema of the `sync_` tables */
  constructor(schema: string) {
    this.#target = quoteTable(schema, 'sync_target')
    this.#record = quoteTable(schema, 'sync_record')
    this.#conflict = quoteTable(schema, 'sync_conflict')
    this.conflicts = new SheetConflictStore(schema)
    this.unseen = new UnseenStore(schema)
    this.alike = new AlikeRecords(schema)
  }

  /** As {@link readTarget}; writes down a target that no release step has registered, as what is found of it has to stay. */
  async openTarget(sql: Sql, target: SheetTarget): Promise<StoredTarget> {
    const { name, kind, lane, model, tab } = target
    const [known] = await sql.query(`select from ${this.#target} where name = $1 and lane = $2`, [name, lane])
    if (known === undefined)
      await sql.query(upsertTargetSql(this.#target), [name, lane, model, kind, JSON.stringify({ tab })])
    return await this.readTarget(sql, target)
  }

  /** What is stored of a target; nothing of one that is not registered, or was in another spreadsheet. */
  async readTarget(sql: Sql, target: SheetTarget): Promise<StoredTarget> {
    const [row] = await sql.query<{ place: Partial<StoredTarget> }>(
      `select place from ${this.#target} where name = $1 and lane = $2`,
      [target.name, target.spreadsheetId],
    )
    return { sheetId: null, tab: target.tab, layout: null, ...row?.place }
  }

  async saveTab(
    sql: Sql,
    target: string,
    sheetId: number,
    title: string,
    layout: StoredLayout,
  ): Promise<void> {
    await sql.query(
      `update ${this.#target} set place = place || $2::jsonb, updated_at = now() where name = $1`,
      [target, JSON.stringify({ sheetId, tab: title, layout } satisfies StoredTarget)],
    )
  }

  async recordProgress(sql: Sql, target: string, progress: TargetProgress): Promise<void> {
    const { succeeded, apiCalls, rowsWritten, rowsRemoved, repaired } = progress
    await sql.query(
      `update ${this.#target} set last_success_at = case when $6 then now() else last_success_at end, updated_at = now(),
         api_calls = api_calls + $2,
         rows_written = rows_written + $3, rows_removed = rows_removed + $4, repaired = repaired + $5
       where name = $1`,
      [target, apiCalls, rowsWritten, rowsRemoved, repaired, succeeded],
    )
  }

  /** How many records of a target are known to stand in its tab. */
  async countRecords(sql: Sql, target: string): Promise<number> {
    const where = 'target = $1 and missing_since is null'
    const counted = `select count(*)::int as count from ${this.#record} where ${where}`
    return (await sql.query<{ count: number }>(counted, [target]))[0]?.count ?? 0
  }

  /** What is stored of records, by id. */
  async loadRecords(sql: Sql, target: string, ids: readonly string[]): Promise<Map<string, StoredRecord>> {
    const [records, conflicts] = await Promise.all([
      sql.query<Omit<StoredRecord, 'open'> & { record_key: string }>(
        `select r.record_key, r.base, r.intended, r.missing_since is not null as missing,
           coalesce(r.missing_since <= t.deletions_approved_at, false) as "mayBeDeleted"
         from ${this.#record} r left join ${this.#target} t on t.name = r.target
         where r.target = $1 and r.record_key = any($2)`,
        [target, ids],
      ),
      sql.query<{ record_key: string; column_name: string; sheet: SheetCell }>(
        `select record_key, column_name, sheet from ${this.#conflict}
         where target = $1 and open and record_key = any($2)`,
        [target, ids],
      ),
    ])
    const open = Map.groupBy(conflicts, (row) => row.record_key)
    return new Map(
      records.map(({ record_key: id, ...record }) => [
        id,
        {
          ...record,
          open: new Map(open.get(id)?.map(({ column_name: header, sheet }) => [header, sheet])),
        },
      ]),
    )
  }

  /** Of the records that are known to stand in a tab, those that are not among these. @param most of them, at most */
  async others(sql: Sql, target: string, ids: readonly string[], most?: number): Promise<string[]> {
    const rows = await sql.query<{ id: string }>(
      `select record_key as id from ${this.#record} where target = $1 and missing_since is null
         and not exists (select from unnest($2::text[]) as x (id) where x.id = record_key) limit $3`,
      [target, ids, most ?? null],
    )
    return rows.map(({ id }) => id)
  }

  /** What calls were about to write whose result was never stored, by record. */
  async openIntents(sql: Sql, target: string): Promise<ReadonlyMap<string, Intended>> {
    const rows = await sql.query<{ id: string; intended: Intended }>(
      `select record_key as id, intended from ${this.#record} where target = $1 and intended is not null`,
      [target],
    )
    return new Map(rows.map(({ id, intended }) => [id, intended]))
  }

  /** The database's clock. */
  async now(sql: Sql): Promise<string> {
    const [row] = await sql.query<{ now: string }>('select now()::text as now')
    return row?.now ?? ''
  }

  /** Of some keys, those of no record that was written, in the given order, so many at most. */
  async unwritten(sql: Sql, target: string, keys: readonly string[], most: number): Promise<string[]> {
    const rows = await sql.query<{ key: string }>(
      `select x.key from unnest($2::text[]) with ordinality as x (key, at)
       where not exists (select from ${this.#record} r where r.target = $1 and r.record_key = x.key)
       order by x.at limit $3`,
      [target, keys, most],
    )
    return rows.map(({ key }) => key)
  }

  /**
   * Stores what a call is about to write over known records; `saveRecords` takes it away again. It is on disk when this
   * resolves: the call must not outlive it.
   */
  async intend(sql: Sql, target: string, intended: ReadonlyMap<string, Intended | null>): Promise<void> {
    await sql.query(
      `update ${this.#record} r set intended = nullif(x.value, 'null') from jsonb_each($2::jsonb) as x, ${ON_DISK}
       where r.target = $1 and r.record_key = x.key`,
      [target, JSON.stringify(Object.fromEntries(intended))],
    )
  }

  /** Stores what a batch agreed on, in one statement. */
  async saveRecords(sql: Sql, target: string, changes: RecordChanges): Promise<void> {
    const { bases, patches, forgotten, missing, conflicts, settled } = changes
    if (bases.size > 0 || forgotten.length > 0 || missing.length > 0) {
      await sql.query(
        `with forgotten as (
           delete from ${this.#record} where target = $1 and record_key = any($3)
         ), missing as (
           update ${this.#record} set missing_since = coalesce(missing_since, now())
           where target = $1 and record_key = any($4)
         )
         insert into ${this.#record} (target, record_key, base, written_at)
         select $1, x.key, x.value, now() from jsonb_each($2::jsonb) as x
         on conflict (target, record_key) do update
         set base = excluded.base, intended = null, written_at = excluded.written_at, missing_since = null`,
        [target, JSON.stringify(Object.fromEntries(bases)), forgotten, missing],
      )
    }
    if (patches.size > 0) {
      await sql.query(
        `update ${this.#record} r
         set base = (r.base - array(select jsonb_array_elements_text(x.value -> 'dropped'))) || (x.value -> 'changed'),
           intended = null, written_at = now(), missing_since = null
         from jsonb_each($2::jsonb) as x where r.target = $1 and r.record_key = x.key`,
        [target, JSON.stringify(Object.fromEntries(patches))],
      )
    }
    if (settled.length > 0) await this.conflicts.settle(sql, target, settled)
    if (conflicts.length > 0) await this.conflicts.save(sql, target, conflicts)
  }

  /** Forgets all records of a target, after its tab was lost. */
  async forgetRecords(sql: Sql, target: string): Promise<void> {
    await sql.query(`delete from ${this.#record} using ${ON_DISK} where target = $1`, [target])
  }

  /** Forgets what was agreed on in some columns, after they were made again. */
  async forgetColumns(sql: Sql, target: string, headers: readonly string[]): Promise<void> {
    await sql.query(`update ${this.#record} set base = base - $2::text[] from ${ON_DISK} where target = $1`, [
      target,
      headers,
    ])
  }

  /**
   * Forgets what was agreed on in some cells, which show what was meant for others: nobody has typed it.
   * @param cells headers by record
   */
  async forgetCells(sql: Sql, target: string, cells: ReadonlyMap<string, readonly string[]>): Promise<void> {
    if (cells.size === 0) return
    await sql.query(
      `update ${this.#record} r set base = r.base - array(select jsonb_array_elements_text(x.value))
       from jsonb_each($2::jsonb) as x, ${ON_DISK} where r.target = $1 and r.record_key = x.key`,
      [target, JSON.stringify(Object.fromEntries(cells))],
    )
  }

  /**
   * Takes what some cells show for what was agreed on: a call put it there that was meant for others.
   * @param cells by header, by record
   */
  async agreeOn(sql: Sql, target: string, cells: ReadonlyMap<string, Base>): Promise<void> {
    if (cells.size === 0) return
    await sql.query(
      `update ${this.#record} r set base = r.base || x.value from jsonb_each($2::jsonb) as x, ${ON_DISK}
       where r.target = $1 and r.record_key = x.key`,
      [target, JSON.stringify(Object.fromEntries(cells))],
    )
  }
}
