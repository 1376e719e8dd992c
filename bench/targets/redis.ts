import { Redis } from 'ioredis'

/** The Redis that the benchmarks use. */
export const REDIS_URL = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

/** The same without who connects. */
export const SHOWN_URL = REDIS_URL.replace(/\/\/.*@/, '//')

/** Connects to it; undefined where it does not answer. */
export async function connectRedis(): Promise<Redis | undefined> {
  const redis = new Redis(REDIS_URL, { lazyConnect: true, retryStrategy: () => null })
  redis.on('error', () => {})
  try {
    await redis.connect()
    return redis
  } catch {
    redis.disconnect()
    return undefined
  }
}
