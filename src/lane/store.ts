import { quoteTable } from '../database/quote.ts'
import type { Sql } from '../database/sql.ts'
import type { ErrorCode } from '../errors.ts'
import type { Circuit } from './circuit.ts'

/** What is stored of a lane. */
export interface StoredLane {
  readonly circuit: Circuit
  /** Why the circuit was opened last. */
  readonly lastError: { readonly code: ErrorCode; readonly message: string } | undefined
  /** The last number of a fence, and whether fences are used. */
  readonly fence: { readonly last: number; readonly isOn: boolean }
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
  readonly fence: number
  readonly fence_state: 'on' | 'off'
}

/** Fences begin somewhere up to here, at random: others may have metadata with small numbers. */
const FIRST_FENCES = 1_000_000_000

/** The table `sync_lane`, written only by the worker that holds the lane. */
export class LaneStore {
  readonly #lane: string
  readonly #circuit: string
  readonly #fenceState: string

  /** @param schema Postgres schema of the `sync_` tables */
  constructor(schema: string) {
    this.#lane = quoteTable(schema, 'sync_lane')
    this.#circuit = quoteTable(schema, 'sync_circuit')
    this.#fenceState = quoteTable(schema, 'sync_fence_state')
  }

  /**
   * What is stored of a lane; notes who writes now.
   * @param holder name of this worker
   */
  async open(sql: Sql, lane: string, holder: string): Promise<StoredLane> {
    let [row] = await sql.query<LaneRow>(
      `select circuit, failures, extract(epoch from probe_at) * 1000 as probe_at, last_error_code, last_error, holder,
         fence, fence_state
       from ${this.#lane} where id = $1`,
      [lane],
    )
    const isTakenOver = row?.holder !== holder
    if (isTakenOver) {
      const rows = await sql.query<LaneRow>(
        `insert into ${this.#lane} as l (id, holder, held_since, fence) values ($1, $2, now(), $3)
         on conflict (id) do update set holder = excluded.holder, held_since = now(), updated_at = now(),
           fence = case when l.fence = 0 then excluded.fence else l.fence end
         returning circuit, failures, extract(epoch from probe_at) * 1000 as probe_at, last_error_code, last_error,
           holder, fence, fence_state`,
        [lane, holder, 1 + Math.floor(Math.random() * FIRST_FENCES)],
      )
      row = rows[0]
    }
    return {
      circuit: {
        state: row?.circuit ?? 'closed',
        failures: row?.failures ?? 0,
        probeAt: row?.probe_at ? Number(row.probe_at) : null,
      },
      lastError: row?.last_error_code
        ? { code: row.last_error_code, message: row.last_error ?? '' }
        : undefined,
      fence: { last: row?.fence ?? 0, isOn: row?.fence_state !== 'off' },
      isTakenOver,
    }
  }

  async saveFence(sql: Sql, lane: string, last: number, isOn: boolean): Promise<void> {
    await sql.query(
      `update ${this.#lane} set fence = $2, fence_state = $3::${this.#fenceState}, updated_at = now() where id = $1`,
      [lane, last, isOn ? 'on' : 'off'],
    )
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
