import { Redis as Ioredis } from 'ioredis'
import { createClient } from 'redis'
import type { RedisClient } from '../../../../src/index.ts'

/** Where the Redis of the tests is. */
export const REDIS_URL = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

/** Whether a Redis answers there. */
export const hasRedis: boolean = await (async () => {
  const client = new Ioredis(REDIS_URL, { lazyConnect: true, retryStrategy: () => null })
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.ping()) === 'PONG'
  } catch {
    return false
  } finally {
    client.disconnect()
  }
})()

/** Both clients, by name: makes one, not connected yet. */
export const CLIENTS: Readonly<Record<string, (url?: string) => RedisClient>> = {
  ioredis: (url = REDIS_URL) => new Ioredis(url, { lazyConnect: true }),
  redis: (url = REDIS_URL) => createClient({ url }),
}
