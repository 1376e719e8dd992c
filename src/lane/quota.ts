import { setTimeout as sleep } from 'node:timers/promises'
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible'
import type { Sql } from '../database/sql.ts'

/** Requests per minute that Google allows one user of one project: 60 reads and 60 writes, unless raised. */
export interface QuotaLimits {
  readonly readsPerMinute: number
  readonly writesPerMinute: number
}

/** The count that the workers share cannot be kept: nobody knows whether a call is allowed. */
export class QuotaUnknown extends Error {}

type Kind = 'read' | 'write'

const MINUTE_S = 60

/** Waits after refusals in a row: 2^n seconds, from 4 to 64 (Google's advice); each waiter adds a moment of its own. */
const FIRST_BACKOFF = 2
const MAX_BACKOFF_S = 64

const USED_UP = 1_000_000

/** After a refusal less is asked for, as somebody else uses the quota too; each minute without one asks for more. */
const LESS = 0.8
const LEAST = 0.2
const MORE = 0.1

/**
 * The quota that all workers share, counted in Postgres (table `sync_quota`) per user and minute, reads and writes
 * apart. Half of a minute's requests go out as they come; the rest is spread over what is left of the minute, so that
 * a burst is answered at once and a long load is not stopped for most of a minute.
 */
export class Quota {
  readonly #limits: QuotaLimits
  readonly #limiters: Readonly<Record<Kind, RateLimiterPostgres>>
  readonly #user: string
  readonly #factor: Record<Kind, number> = { read: 1, write: 1 }
  readonly #refusals: Record<Kind, number> = { read: 0, write: 0 }
  readonly #raised: Record<Kind, number> = { read: 0, write: 0 }
  #isLow = false

  /**
   * @param sql where `sync_quota` is
   * @param schema its Postgres schema
   * @param key what it is a quota of, for example `sheets`
   * @param user whose quota it is, for example the service account's address
   */
  constructor(sql: Sql, schema: string, key: string, user: string, limits: QuotaLimits) {
    this.#limits = limits
    this.#user = user.slice(0, 200)
    const client = {
      query: async ({ text, values }: { text: string; values: unknown[] }) => {
        const rows = await sql.query<{ points?: unknown; expire?: unknown }>(text, values)
        // Drivers differ in what a bigint becomes.
        const plain = rows.map((row) => ({ ...row, ...('expire' in row && { expire: Number(row.expire) }) }))
        return { rows: plain, rowCount: plain.length }
      },
    }
    const limiter = (kind: Kind) =>
      new RateLimiterPostgres({
        storeClient: client,
        storeType: 'client',
        schemaName: schema,
        tableName: 'sync_quota',
        tableCreated: true,
        clearExpiredByTimeout: false,
        keyPrefix: `${key}-${kind}`,
        points: limitOf(limits, kind),
        duration: MINUTE_S,
      })
    this.#limiters = { read: limiter('read'), write: limiter('write') }
  }

  /** True when more than half of a minute's requests are used: callers should share calls. */
  get isLow(): boolean {
    return this.#isLow
  }

  /**
   * Waits until a request may be made, and counts it.
   * @throws QuotaUnknown when the count cannot be kept; the signal's reason when it is aborted
   */
  async admit(kind: Kind, signal: AbortSignal): Promise<void> {
    this.#raise(kind)
    for (;;) {
      signal.throwIfAborted()
      const limiter = this.#limiters[kind]
      let left: RateLimiterRes
      try {
        left = await limiter.consume(this.#user)
      } catch (denied) {
        if (!(denied instanceof RateLimiterRes)) {
          throw new QuotaUnknown('the quota shared by the workers cannot be read')
        }
        this.#isLow = true
        await sleep(denied.msBeforeNext + Math.random() * 500, undefined, { signal })
        continue
      }
      const half = limiter.points / 2
      this.#isLow = left.remainingPoints < half
      // A batch is a read, then a write: what paces the reads paces both.
      if (kind === 'read' && this.#isLow) {
        await sleep(left.msBeforeNext / (left.remainingPoints + 1), undefined, { signal })
      }
      return
    }
  }

  /** The API refused a request for its quota: nobody asks for a while, and for less afterwards. */
  async refused(kind: Kind): Promise<void> {
    this.#factor[kind] = Math.max(LEAST, this.#factor[kind] * LESS)
    this.#raised[kind] = Date.now()
    this.#apply(kind)
    const exponent = FIRST_BACKOFF + this.#refusals[kind]++
    // Whole seconds, which is what the table holds; those who wait add a moment of their own.
    const seconds = Math.min(2 ** exponent, MAX_BACKOFF_S)
    // More than any worker's limit: they may differ in how much less they ask for.
    await this.#limiters[kind].set(this.#user, USED_UP, seconds).catch(() => {})
  }

  /** The API did what it was asked. */
  accepted(kind: Kind): void {
    this.#refusals[kind] = 0
  }

  #raise(kind: Kind): void {
    if (this.#factor[kind] >= 1 || Date.now() - this.#raised[kind] < MINUTE_S * 1000) return
    this.#factor[kind] = Math.min(1, this.#factor[kind] + MORE)
    this.#raised[kind] = Date.now()
    this.#apply(kind)
  }

  #apply(kind: Kind): void {
    this.#limiters[kind].points = Math.max(1, Math.floor(limitOf(this.#limits, kind) * this.#factor[kind]))
  }
}

function limitOf(limits: QuotaLimits, kind: Kind): number {
  return kind === 'read' ? limits.readsPerMinute : limits.writesPerMinute
}
