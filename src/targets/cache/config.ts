import { z } from 'zod'
import { checkCommon, commonOptions, functionOfRecord, whereOf } from '../../config/target-options.ts'
import type { CommonTargetInput, RecordOf } from '../../config/typed.ts'
import { checked } from '../../config/zod-error.ts'
import type { DataModel } from '../../model/data-model.ts'
import type { Target } from '../../model/target.ts'
import { DEFAULT_NAMESPACE, MAX_TTL_S, NAMESPACE } from './names.ts'
import { isRedisClient, type RedisClient } from './redis/client.ts'

/** Keys in Redis that follow from records, as the worker sees them. */
export interface CacheTarget extends Target {
  readonly kind: 'cache'
  readonly redis: RedisClient | (() => RedisClient)
  readonly keys: (record: never) => readonly string[]
  readonly idKeys: ((id: string) => readonly string[]) | undefined
  readonly tags: ((record: never) => readonly string[]) | undefined
  readonly patterns: ((record: never) => readonly string[]) | undefined
  readonly value: ((record: never, key: string) => unknown) | undefined
  readonly ttl: number
  readonly namespace: string
}

const { removalLimit: _none, ...common } = commonOptions

/** Shape check of the options. */
export const cacheTargetSchema = z.strictObject({
  ...common,
  redis: z.custom<RedisClient | (() => RedisClient)>(
    (given) => isRedisClient(given) || typeof given === 'function',
    'expected a client of ioredis or redis, or a function that makes one',
  ),
  keys: functionOfRecord<readonly string[]>(),
  idKeys: z
    .custom<(id: string) => readonly string[]>(
      (given) => typeof given === 'function',
      "expected a function of the record's id",
    )
    .optional(),
  tags: functionOfRecord<readonly string[]>().optional(),
  patterns: functionOfRecord<readonly string[]>().optional(),
  value: functionOfRecord<unknown>().optional(),
  ttl: z.number().int().min(1).max(MAX_TTL_S).default(3_600),
  namespace: z
    .string()
    .regex(NAMESPACE, 'expected letters, digits, dots, dashes, underscores and colons')
    .default(DEFAULT_NAMESPACE),
})

/** A target as written in a config file. */
export interface CacheTargetInput<Client, Model, Include>
  extends Omit<CommonTargetInput<Client, Model, Include>, 'removalLimit'> {
  /**
   * A client of `ioredis` or `redis`, or a function that makes one. With a function only workers and commands connect,
   * and they end the connection when they are done; a client is connected wherever the configuration is read.
   */
  readonly redis: RedisClient | (() => RedisClient)
  /** Keys that a record stands in. Those of the record as it was last go as well. */
  readonly keys: (record: RecordOf<Client, Model, Include>) => readonly string[]
  /** Keys that follow from the record's id alone: they go even where no worker has ever seen the record. */
  readonly idKeys?: (id: string) => readonly string[]
  /**
   * Tags that are raised, beside `Model:id`, which always is: values that `cached` stored under them count no more. Those
   * of the record as it was last are raised as well.
   */
  readonly tags?: (record: RecordOf<Client, Model, Include>) => readonly string[]
  /** Globs of keys. Each one costs two walks through all keys of Redis for a batch: prefer tags. Not on a cluster. */
  readonly patterns?: (record: RecordOf<Client, Model, Include>) => readonly string[]
  /** What the worker stores under a key, for `cached` to find; undefined leaves the key empty. @defaultValue nothing */
  readonly value?: (record: RecordOf<Client, Model, Include>, key: string) => unknown
  /**
   * Seconds that a value of `value` is kept.
   * @defaultValue 3600
   */
  readonly ttl?: number
  /**
   * That of `cached`. Two databases that share a Redis need one each.
   * @defaultValue 'writeback'
   */
  readonly namespace?: string
}

/**
 * Checks what was given to `cacheTarget`.
 * @throws WritebackError `CONFIG_INVALID`
 */
export function resolveCacheTarget(dataModel: DataModel, input: unknown): CacheTarget {
  const where = whereOf('cacheTarget', dataModel, input)
  const { idKeys, tags, patterns, value, ...parsed } = checked(cacheTargetSchema, input, where)
  checkCommon(dataModel, where, parsed)
  return {
    kind: 'cache',
    lane: `cache:${parsed.name}`,
    fields: undefined,
    // Whatever is dropped can be loaded again.
    removalLimit: false,
    ...{ idKeys, tags, patterns, value },
    ...parsed,
  }
}
