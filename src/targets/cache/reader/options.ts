import { z } from 'zod'
import { checked } from '../../../config/zod-error.ts'
import { DEFAULT_NAMESPACE, MAX_LEASE_MS, MAX_TTL_S, NAMESPACE } from '../names.ts'

/** Options of a reader. Times in milliseconds. */
export interface CacheOptions {
  /**
   * That of the `cacheTarget`s. Every database has one of its own.
   * @defaultValue 'writeback'
   */
  readonly namespace?: string
  /**
   * How long a load may take to be stored, at most 60,000. After a process that died while it loaded, the next one loads
   * when this is over.
   * @defaultValue 10_000
   */
  readonly leaseMs?: number
  /**
   * How long a reader waits for another one that loads the same, before it loads by itself.
   * @defaultValue 1_000
   */
  readonly waitMs?: number
  /**
   * How long Redis may take to answer, before the value is loaded without it.
   * @defaultValue 500
   */
  readonly redisMs?: number
  /** Told of trouble with Redis, and of a snapshot that cannot be had: the value is loaded all the same. */
  readonly onError?: (error: unknown) => void
}

/** Options of one read. */
export interface GetOptions<Value> {
  /** Seconds that the value is kept, 86,400 at most. */
  readonly ttl: number
  /**
   * Tags that end the value when one of them is raised: as a list, or from what was loaded. A target raises `Model:id` for
   * every record that changes.
   * @example tags: (products) => products.map(({ id }) => `Product:${id}`)
   */
  readonly tags?: readonly string[] | ((value: Value) => readonly string[])
}

const schema = z.strictObject({
  namespace: z
    .string()
    .regex(NAMESPACE, 'expected letters, digits, dots, dashes, underscores and colons')
    .default(DEFAULT_NAMESPACE),
  leaseMs: z.number().int().min(100).max(MAX_LEASE_MS).default(10_000),
  waitMs: z.number().int().min(0).max(MAX_LEASE_MS).default(1_000),
  redisMs: z.number().int().min(10).max(60_000).default(500),
  onError: z.custom<(error: unknown) => void>((given) => typeof given === 'function').default(() => () => {}),
})

export type ReaderSettings = z.output<typeof schema>

/** @throws WritebackError `CONFIG_INVALID` */
export function readerSettings(options: CacheOptions | undefined): ReaderSettings {
  return checked(schema, options ?? {}, 'cached')
}

/** @throws RangeError */
export function assertTtl(ttl: unknown): asserts ttl is number {
  if (typeof ttl === 'number' && ttl > 0 && ttl <= MAX_TTL_S) return
  throw new RangeError(
    `ttl of a cached value: expected seconds, more than 0 and ${MAX_TTL_S} at most, got ${ttl}`,
  )
}
