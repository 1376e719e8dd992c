import type { Schemas } from '../config/schemas.ts'
import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import { sendInbound } from '../queue/inbound.ts'
import { WRITTEN_OVER } from './edit.ts'
import { type SeenEdit, seeEdits, withdrawEdits } from './edits-seen.ts'
import { retryRead } from './retry-edits.ts'

/** An edit that waits for its job, or was refused and still stands. */
export interface OpenEdit {
  readonly kind: SeenEdit['kind']
  readonly state: 'waiting' | 'pending' | 'refused'
  /** What both sides had agreed on; of a new entry that nobody has marked yet, its place. */
  readonly base: unknown
  readonly shown: unknown
  /** For the person who typed it. */
  readonly reason: string | null
}

/** Open edits by record, then column. */
export type OpenEdits = ReadonlyMap<string, ReadonlyMap<string, OpenEdit>>

export const NO_EDITS: OpenEdits = new Map()

/** Why edits of a record were refused, by column. */
export function refusalsOf(
  edits: ReadonlyMap<string, OpenEdit> | undefined,
): ReadonlyMap<string, string> | undefined {
  if (edits === undefined) return undefined
  const refused = [...edits].flatMap(([header, { state, reason }]): [string, string][] =>
    state === 'refused' && reason !== null ? [[header, reason]] : [],
  )
  return new Map(refused)
}

/** An edit that was refused for how the place had shown it. */
export interface MisreadEdit {
  readonly id: string
  readonly column: string
  readonly shown: unknown
  /** See `SeenEdit`. */
  readonly zone: string
}

/** An entry that is to become a record. */
export interface ExpectedEntry {
  /** The id that its record will have. */
  readonly id: string
  /** Where it stands. */
  readonly row: number
  /** What it shows, by header. */
  readonly shown: object
}

/** What a batch found out about the edits of a target. */
export interface EditsFound {
  readonly edits: readonly SeenEdit[]
  /** Cells that show what the database has, or had, again. */
  readonly withdrawn: readonly { readonly id: string; readonly column: string }[]
}

/** `sync_edit` as those see it who find edits. */
export class Inbox {
  readonly #schemas: Schemas

  constructor(schemas: Schemas) {
    this.#schemas = schemas
  }

  /** The open edits of some records. */
  async open(sql: Sql, target: string, ids: readonly string[]): Promise<OpenEdits> {
    return await this.#read(sql, 'target = $1 and open and record_key = any($2)', [target, ids])
  }

  /**
   * Notes whose edits these are, before a batch has confirmed them: they wait for it. What is open already stays as it is.
   */
  async attribute(sql: Sql, target: string, edits: readonly SeenEdit[], editor: string): Promise<void> {
    if (edits.length === 0) return
    const rows = edits.map(({ id, column, base, shown, zone }) => ({ id, column, base, shown, zone }))
    await sql.query(
      `insert into ${this.#table} (target, record_key, column_name, base, shown, zone, state, editor)
       select $1, x.id, x."column", x.base, x.shown, x.zone, 'waiting', $3
       from jsonb_to_recordset($2::jsonb) as x (id text, "column" text, base jsonb, shown jsonb, zone text)
       on conflict (target, open, record_key, column_name) do nothing`,
      [target, JSON.stringify(rows), editor],
    )
  }

  /** New entries that nobody has marked yet, or that were refused. */
  async unmade(sql: Sql, target: string): Promise<OpenEdits> {
    const states = `state in ('waiting', 'refused')`
    return await this.#read(sql, `target = $1 and open and kind = 'create' and ${states}`, [target])
  }

  /** Edits that were refused for how the place had shown them: `zone` says more than a time zone. */
  async misread(sql: Sql, target: string): Promise<readonly MisreadEdit[]> {
    return await sql.query<MisreadEdit>(
      `select record_key as id, column_name as "column", shown, zone from ${this.#table}
       where target = $1 and open and state = 'refused' and zone like '% {%'`,
      [target],
    )
  }

  /** Takes such edits up again, with what the place needs to read them now. */
  async retry(
    sql: Sql,
    target: string,
    edits: readonly Pick<MisreadEdit, 'id' | 'column' | 'zone'>[],
  ): Promise<void> {
    await retryRead(sql, this.#schemas, target, edits)
  }

  /**
   * Notes entries that are to become records, and where they stand: they wait until a batch has marked them.
   * @param zone what the place needs to read them
   */
  async expect(sql: Sql, target: string, entries: readonly ExpectedEntry[], zone: string): Promise<void> {
    if (entries.length === 0) return
    await sql.query(
      `insert into ${this.#table} (target, record_key, kind, column_name, base, shown, zone, state)
       select $1, x.id, 'create', '', jsonb_build_object('row', x."row"), x.shown, $3, 'waiting'
       from jsonb_to_recordset($2::jsonb) as x (id text, "row" integer, shown jsonb)`,
      [target, JSON.stringify(entries), zone],
    )
  }

  /**
   * Notes where entries stand now that wait already. One that has become a record meanwhile does not wait again: nothing
   * would end that.
   */
  async follow(sql: Sql, target: string, entries: readonly ExpectedEntry[], zone: string): Promise<void> {
    if (entries.length === 0) return
    await sql.query(
      `update ${this.#table} e set base = jsonb_build_object('row', x."row"), shown = x.shown, zone = $3
       from jsonb_to_recordset($2::jsonb) as x (id text, "row" integer, shown jsonb)
       where e.target = $1 and e.open and e.kind = 'create' and e.state = 'waiting' and e.record_key = x.id`,
      [target, JSON.stringify(entries), zone],
    )
  }

  /** Forgets entries that waited and are not there any more: nothing has become of them. */
  async forget(sql: Sql, target: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0) return
    await sql.query(
      `delete from ${this.#table} where target = $1 and open and state = 'waiting' and record_key = any($2)`,
      [target, ids],
    )
  }

  /**
   * Ends edits that wait, as lost: their cells are written over.
   * @returns how many
   */
  async end(
    sql: Sql,
    target: string,
    cells: readonly { readonly id: string; readonly column: string }[],
  ): Promise<number> {
    const ended = await sql.query(
      `update ${this.#table} e set state = 'lost', open = null, reason = $4, decided_at = now()
       from unnest($2::text[], $3::text[]) as x (record_key, column_name)
       where e.target = $1 and e.open and e.state in ('waiting', 'pending') and e.record_key = x.record_key
         and e.column_name = x.column_name
       returning 1`,
      [target, cells.map(({ id }) => id), cells.map(({ column }) => column), WRITTEN_OVER],
    )
    return ended.length
  }

  /**
   * Lists cells as lost that are written over, though nobody knows whose they are: those that show what neither a record nor
   * an edit that is listed has, or had until now.
   * @returns how many
   */
  async lose(
    sql: Sql,
    target: string,
    cells: readonly { readonly id: string; readonly column: string; readonly shown: unknown }[],
  ): Promise<number> {
    if (cells.length === 0) return 0
    const record = quoteTable(this.#schemas.library, 'sync_record')
    const lost = await sql.query(
      `insert into ${this.#table} (target, record_key, column_name, shown, state, open, reason, decided_at)
       select $1, x.id, x."column", x.shown, 'lost', null, $3, now()
       from jsonb_to_recordset($2::jsonb) as x (id text, "column" text, shown jsonb)
       where not exists (
           select from ${record} r where r.target = $1 and (x.shown in (r.base->x."column", r.base->x."column"->'kept')
             or r.intended->x."column" @> jsonb_build_array(x.shown)))
         and not exists (
           select from ${this.#table} e where e.target = $1 and (e.open or greatest(e.seen_at, e.decided_at) > now() - interval '1 hour')
             and (e.column_name = x."column" and e.shown = x.shown or e.shown->x."column" = x.shown))
       returning 1`,
      [target, JSON.stringify(cells), WRITTEN_OVER],
    )
    return lost.length
  }

  async #read(sql: Sql, where: string, values: readonly unknown[]): Promise<OpenEdits> {
    const rows = await sql.query<OpenEdit & { id: string; column: string }>(
      `select record_key as id, column_name as "column", kind::text, state::text, base, shown, reason
       from ${this.#table} where ${where}`,
      values,
    )
    return new Map(
      [...Map.groupBy(rows, ({ id }) => id)].map(([id, edits]) => [
        id,
        new Map(edits.map((edit) => [edit.column, edit])),
      ]),
    )
  }

  get #table(): string {
    return quoteTable(this.#schemas.library, 'sync_edit')
  }

  /** Puts down what was found, and queues the jobs of what is new. */
  async take(
    sql: Sql,
    target: string,
    { edits, withdrawn }: EditsFound,
  ): Promise<{ readonly records: number }> {
    // One that was refused, and is looked at again, is another one from now on.
    const again = edits.filter(({ isAgain }) => isAgain)
    await withdrawEdits(sql, this.#schemas, target, [...withdrawn, ...again])
    const ids = await seeEdits(sql, this.#schemas, target, edits)
    await sendInbound(sql, this.#schemas, target, ids)
    return { records: ids.length }
  }
}
