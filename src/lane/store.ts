import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import type { ErrorCode } from '../errors.ts'
import { type Circuit, CLOSED } from './circuit.ts'

/** What is stored of a lane. */
export interface StoredLane {
  readonly circuit: Circuit
  /** Why the circuit was opened last. */
  readonly lastError: { readonly code: ErrorCode; readonly message: string } | undefined
  /** What the kind of the lane's targets keeps of the place behind it. */
  readonly place: Readonly<Record<string, unknown>>
  /** True when another worker wrote last: what this one remembers may be out of date. */
  readonly isTakenOver: boolean
}

interface LaneRow {
  readonly circuit: Circuit['state']
  readonly failures: number
  readonly probe_at: string | null
  readonly last_error_code: ErrorCode | null
  readonly last_error: string | null
  readonly holder: string | null
  readonly place: Readonly<Record<string, unknown>>
}

/** The table `sync_lane`, written only by the worker that holds the lane. */
export class LaneStore {
  readonly #lane: string
  readonly #circuit: string

  /** @param schema Postgres schema of the `sync_` tables */
  constructor(schema: string) {
    this.#lane = quoteTable(schema, 'sync_lane')
    this.#circuit = quoteTable(schema, 'sync_circuit')
  }

  /** The circuit of a lane that several workers write at once; undefined for a lane that was never opened. */
  async circuitOf(sql: Sql, lane: string): Promise<Pick<StoredLane, 'circuit' | 'lastError'> | undefined> {
    const [row] = await sql.query<LaneRow>(
      `select circuit, failures, extract(epoch from probe_at) * 1000 as probe_at, last_error_code, last_error
       from ${this.#lane} where id = $1`,
      [lane],
    )
    return row && { circuit: circuitIn(row), lastError: errorIn(row) }
  }

  /**
   * Takes the one call that shows whether the place behind an open circuit answers again.
   * @param forMs how long others wait for its result
   * @returns false when another worker has it
   */
  async takeProbe(sql: Sql, lane: string, forMs: number): Promise<boolean> {
    const rows = await sql.query(
      `update ${this.#lane} set circuit = 'half_open', probe_at = now() + $2 * interval '1 millisecond', updated_at = now()
       where id = $1 and circuit <> 'closed' and (probe_at is null or probe_at <= now()) returning id`,
      [lane, forMs],
    )
    return rows.length > 0
  }

  /**
   * What is stored of a lane; notes who writes now.
   * @param holder name of this worker
   */
  async open(sql: Sql, lane: string, holder: string): Promise<StoredLane> {
    let [row] = await sql.query<LaneRow>(
      `select circuit, failures, extract(epoch from probe_at) * 1000 as probe_at, last_error_code, last_error, holder,
         place
       from ${this.#lane} where id = $1`,
      [lane],
    )
    const isTakenOver = row?.holder !== holder
    if (isTakenOver) {
      const rows = await sql.query<LaneRow>(
        `insert into ${this.#lane} (id, holder, held_since) values ($1, $2, now())
         on conflict (id) do update set holder = excluded.holder, held_since = now(), updated_at = now()
         returning circuit, failures, extract(epoch from probe_at) * 1000 as probe_at, last_error_code, last_error,
           holder, place`,
        [lane, holder],
      )
      row = rows[0]
    }
    return {
      circuit: row ? circuitIn(row) : CLOSED,
      lastError: row && errorIn(row),
      place: row?.place ?? {},
      isTakenOver,
    }
  }

  /** Stores what the kind keeps of the place behind a lane. */
  async savePlace(sql: Sql, lane: string, place: object): Promise<void> {
    await sql.query(`update ${this.#lane} set place = $2::jsonb, updated_at = now() where id = $1`, [
      lane,
      JSON.stringify(place),
    ])
  }

  async saveCircuit(
    sql: Sql,
    lane: string,
    circuit: Circuit,
    error?: StoredLane['lastError'],
  ): Promise<void> {
    await sql.query(
      `update ${this.#lane} set circuit = $2::${this.#circuit}, failures = $3,
         opened_at = case when $2 = 'closed' then null else coalesce(opened_at, now()) end,
         probe_at = to_timestamp($4::double precision / 1000),
         last_error_code = coalesce($5, last_error_code), last_error = coalesce($6, last_error), updated_at = now()
       where id = $1`,
      [lane, circuit.state, circuit.failures, circuit.probeAt, error?.code ?? null, error?.message ?? null],
    )
  }
}

function circuitIn({ circuit, failures, probe_at }: LaneRow): Circuit {
  return { state: circuit, failures, probeAt: probe_at ? Number(probe_at) : null }
}

function errorIn({ last_error_code: code, last_error }: LaneRow): StoredLane['lastError'] {
  return code ? { code, message: last_error ?? '' } : undefined
}
