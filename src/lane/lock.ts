import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from 'pino'
import type { Sql } from '../database/sql.ts'
import { isWritebackError, messageOf, WritebackError } from '../errors.ts'

/** Times that the session says that it lives within the silence after which Postgres ends it. */
const BEATS = 6

/** A statement that takes longer has lost its connection. */
const STATEMENT_TIMEOUT_MS = 20_000

/** After so many milliseconds without a sign of life Postgres ends the session that holds lanes, unless told otherwise. */
export const LANE_SILENCE_MS = 30_000

/** How often a taken lane is tried again. */
const POLL_MS = 100

/** The right to write in a lane. It ends with the database session that holds it. */
export interface LaneLock {
  /** Aborted when the session has ended: nothing may be written any more. */
  readonly lost: AbortSignal
  /** Runs a statement in the session that holds the lock, so that it cannot take effect without the lock. */
  readonly sql: Sql
  /** True when another worker waits for the lane. */
  isWanted(): Promise<boolean>
  release(): Promise<void>
}

/**
 * The lanes that this process holds: session advisory locks of Postgres, all in one connection. The lock of a worker
 * that is killed is free as soon as Postgres sees the connection closed. Needs a connection of its own, not one that a
 * pooler shares between transactions.
 */
export class LaneLocks {
  readonly #databaseUrl: string
  readonly #log: Logger
  readonly #silence: number
  #session: Promise<Session> | undefined

  /** @param silence after so many milliseconds without a sign of life Postgres ends the session: a frozen worker loses
   * its lanes then, as a dead one does at once */
  constructor(databaseUrl: string, log: Logger, silence: number) {
    this.#databaseUrl = databaseUrl
    this.#log = log
    this.#silence = silence
  }

  /**
   * Takes a lane, waiting while another worker has it.
   * @param lane its id
   * @param waitMs longest wait
   * @returns undefined when the lane was taken all the time
   * @throws WritebackError `DATABASE_UNAVAILABLE`; the signal's reason when it is aborted
   */
  async acquire(lane: string, waitMs: number, signal: AbortSignal): Promise<LaneLock | undefined> {
    const until = performance.now() + waitMs
    let interested: Session | undefined
    try {
      for (;;) {
        signal.throwIfAborted()
        const { session, isTaken } = await this.#again(async (one) => ({
          session: one,
          isTaken: await one.lock(lane),
        }))
        if (isTaken) return session.held(lane)
        if (performance.now() >= until) return undefined
        if (interested !== session) {
          await session.want(lane)
          interested = session
        }
        await sleep(POLL_MS * (0.5 + Math.random()), undefined, { signal })
      }
    } finally {
      await interested?.unwant(lane).catch(() => {})
    }
  }

  /** Statements that need no lane, in the session that holds lanes. */
  readonly sql: Sql = { query: (text, values) => this.#again(({ sql }) => sql.query(text, values)) }

  /** Gives all lanes back. */
  async close(): Promise<void> {
    const session = await this.#session?.catch(() => undefined)
    this.#session = undefined
    await session?.end()
  }

  /** Runs something in the session, in a new one if the old one turns out to have ended. */
  async #again<Result>(run: (session: Session) => Promise<Result>): Promise<Result> {
    try {
      return await run(await this.#connected())
    } catch (error) {
      if (!isWritebackError(error, 'DATABASE_UNAVAILABLE')) throw error
      return run(await this.#connected())
    }
  }

  #connected(): Promise<Session> {
    if (this.#session) return this.#session
    const opening = Session.open(this.#databaseUrl, this.#log, this.#silence)
    const forget = () => {
      if (this.#session === opening) this.#session = undefined
    }
    this.#session = opening
    opening.then((session) => {
      if (session.lost.aborted) forget()
      else session.lost.addEventListener('abort', forget, { once: true })
    }, forget)
    return opening
  }
}

class Session {
  readonly #client: pg.Client
  readonly #lost = new AbortController()
  readonly #beat: NodeJS.Timeout
  readonly sql: Sql

  static async open(databaseUrl: string, log: Logger, silence: number): Promise<Session> {
    const client = new pg.Client({
      connectionString: databaseUrl,
      application_name: 'writeback lane',
      connectionTimeoutMillis: 10_000,
      query_timeout: STATEMENT_TIMEOUT_MS,
      keepAlive: true,
    })
    const session = new Session(client, log, silence / BEATS)
    try {
      await client.connect()
      // A setting that an older Postgres does not know is left out rather than an error. What is stored here
      // has to be on disk when the jobs it belongs to are completed, and that commit takes it along; what a call relies on
      // waits for the disk itself.
      await client.query(
        `select set_config(s.name, s.value, false)
         from (values ('idle_session_timeout', '${silence}'), ('tcp_keepalives_idle', '10'),
           ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'),
           ('synchronous_commit', 'off')) as s (name, value)
         join pg_settings using (name)`,
      )
    } catch (error) {
      session.#fail(error)
      throw unavailable(error)
    }
    return session
  }

  private constructor(client: pg.Client, log: Logger, beatMs: number) {
    this.#client = client
    client.on('error', (error) => this.#fail(error))
    client.on('end', () => this.#fail(new Error('the connection was closed')))
    this.#lost.signal.addEventListener('abort', () => {
      log.debug({ error: messageOf(this.#lost.signal.reason) }, 'the session that holds lanes has ended')
    })
    this.#beat = setInterval(() => void this.#query('select 1').catch(() => {}), beatMs)
    this.#beat.unref()
    this.sql = { query: (text, values) => this.#query(text, values) }
  }

  get lost(): AbortSignal {
    return this.#lost.signal
  }

  async lock(lane: string): Promise<boolean> {
    const [row] = await this.#query<{ got: boolean }>(
      'select pg_try_advisory_lock(hashtextextended($1, 0)) as got',
      [lockName(lane)],
    )
    return row?.got === true
  }

  /** A shared lock beside the lane's says that somebody waits. */
  async want(lane: string): Promise<void> {
    await this.#query('select pg_advisory_lock_shared(hashtextextended($1, 0))', [wishName(lane)])
  }

  async unwant(lane: string): Promise<void> {
    await this.#query('select pg_advisory_unlock_shared(hashtextextended($1, 0))', [wishName(lane)])
  }

  held(lane: string): LaneLock {
    return {
      lost: this.lost,
      sql: this.sql,
      isWanted: async () => {
        const [row] = await this.#query<{ free: boolean }>(
          'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as free',
          [wishName(lane)],
        )
        return row?.free === false
      },
      release: async () => {
        // A session that has ended holds nothing.
        if (this.lost.aborted) return
        await this.#query('select pg_advisory_unlock(hashtextextended($1, 0))', [lockName(lane)]).catch(
          () => {},
        )
      },
    }
  }

  async end(): Promise<void> {
    clearInterval(this.#beat)
    if (this.lost.aborted) return
    await this.#client.end().catch(() => {})
  }

  async #query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    if (this.lost.aborted) throw unavailable(this.lost.reason)
    try {
      const { rows } = await this.#client.query(text, values ? [...values] : undefined)
      return rows as Row[]
    } catch (error) {
      // Without a SQLSTATE it was the connection, not the statement; with one of these it was the server.
      const code = String((error as { code?: unknown }).code ?? '')
      if (!/^[0-9A-Z]{5}$/.test(code) || /^(08|57P)/.test(code)) this.#fail(error)
      else if (!/^(08|53|57|40)/.test(code)) throw error
      throw unavailable(error)
    }
  }

  #fail(error: unknown): void {
    clearInterval(this.#beat)
    if (this.lost.aborted) return
    this.#lost.abort(error)
    // Half-open connections do not close by themselves.
    this.#client.end().catch(() => {})
  }
}

function lockName(lane: string): string {
  return `prisma-writeback:lane:${lane}`
}

function wishName(lane: string): string {
  return `prisma-writeback:wish:${lane}`
}

function unavailable(error: unknown): WritebackError {
  return new WritebackError('DATABASE_UNAVAILABLE', {
    problem: 'the database did not do what a lane needs',
    got: messageOf(error),
    cause: error,
  })
}
