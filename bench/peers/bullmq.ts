import { Queue, Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { Abandoned, abandoned, chunks, openClient } from './database.ts'
import type { App, Handler, Peer, PeerWorker, Place, Purpose } from './peer.ts'

const QUEUE = 'airport-sheet'

/** Jobs at a time; jobs that wait for others may be many, as its documentation says. */
const CONCURRENCY = { sheet: 1, count: 50 } as const

/** How long to look for Redis, in milliseconds. */
const REACHABLE_WITHIN_MS = 2000

/**
 * BullMQ with Redis, as its "Going to production" has it: the producer fails fast, the worker waits for ever, finished
 * jobs are kept in small numbers, a job per record (`deduplication` with `keepLastIfActive`).
 *
 * It cannot take part in a Postgres transaction. The job is added after the commit: the other order would hand out
 * records that are not there yet, or never will be.
 */
export const bullmq: Peer = {
  name: 'bullmq',

  async unavailable() {
    if (!process.env.REDIS_URL) return 'REDIS_URL is not set'
    const redis = new Redis(process.env.REDIS_URL, {
      lazyConnect: true,
      connectTimeout: REACHABLE_WITHIN_MS,
      retryStrategy: () => null,
    })
    redis.on('error', () => {})
    try {
      await redis.connect()
      return null
    } catch {
      return 'nothing answers at REDIS_URL'
    } finally {
      redis.disconnect()
    }
  },

  // Redis has no schema.
  install: async () => {},

  async openApp(place): Promise<App> {
    const prisma = openClient(place.databaseUrl)
    const connection = connect({ maxRetriesPerRequest: 1, enableOfflineQueue: false })
    const queue = openQueue(place, connection)
    await queue.waitUntilReady()
    const job = (iata: string) => ({
      name: 'write',
      data: { iata },
      opts: { deduplication: { id: iata, keepLastIfActive: true } },
    })
    return {
      async write(iata, write) {
        await write(prisma)
        const { name, data, opts } = job(iata)
        await queue.add(name, data, opts)
      },
      abandon: (_iata, write) =>
        abandoned(
          prisma.$transaction(async (tx) => {
            await write(tx)
            throw new Abandoned()
          }),
        ),
      async fill(ids) {
        for (const some of chunks(ids, 5000)) await queue.addBulk(some.map(job))
      },
      async close() {
        await queue.close()
        connection.disconnect()
        await prisma.$disconnect()
      },
    }
  },

  async startWorker(place, handler: Handler, purpose: Purpose): Promise<PeerWorker> {
    const connection = connect({ maxRetriesPerRequest: null })
    const worker = new Worker<{ iata: string }>(QUEUE, ({ data }) => handler(data.iata), {
      connection,
      prefix: prefixOf(place),
      concurrency: CONCURRENCY[purpose],
    })
    worker.on('error', () => {})
    await worker.waitUntilReady()
    return {
      async stop() {
        await worker.close()
        connection.disconnect()
      },
    }
  },

  pending: (place) =>
    withQueue(place, async (queue) => {
      const jobs = await queue.getJobs(['waiting', 'active', 'delayed', 'prioritized'])
      return new Set(jobs.map((job) => (job.data as { iata: string }).iata))
    }),

  unsettled: (place) =>
    withQueue(place, (queue) => queue.getJobCountByTypes('waiting', 'active', 'delayed', 'prioritized')),

  size: async () => {
    const redis = connect({ maxRetriesPerRequest: 1 })
    const memory = await redis.info('memory')
    redis.disconnect()
    return { table: Number(/^used_memory:(\d+)/m.exec(memory)?.[1]), index: null }
  },

  remove: (place) => withQueue(place, (queue) => queue.obliterate({ force: true, count: 10_000 })),
}

/** How Redis keeps what it is given, for the conditions of a run. */
export async function redisConditions(): Promise<string> {
  const redis = connect({ maxRetriesPerRequest: 1 })
  try {
    const [, aof] = (await redis.config('GET', 'appendonly')) as string[]
    const [, sync] = (await redis.config('GET', 'appendfsync')) as string[]
    const version = /^redis_version:(\S+)/m.exec(await redis.info('server'))?.[1]
    return `Redis ${version}, appendonly ${aof}${aof === 'yes' ? `, appendfsync ${sync}` : ''}`
  } finally {
    redis.disconnect()
  }
}

interface Limits {
  readonly maxRetriesPerRequest: number | null
  readonly enableOfflineQueue?: boolean
}

function connect(limits: Limits): Redis {
  const redis = new Redis(process.env.REDIS_URL ?? '', {
    ...limits,
    retryStrategy: (times) => Math.max(Math.min(Math.exp(times), 20_000), 1000),
  })
  redis.on('error', () => {})
  return redis
}

function prefixOf(place: Place): string {
  return `writeback-bench-${place.name}`
}

function openQueue(place: Place, connection: Redis): Queue {
  const queue = new Queue(QUEUE, {
    connection,
    prefix: prefixOf(place),
    defaultJobOptions: {
      attempts: 9,
      backoff: { type: 'exponential', delay: 5000 },
      removeOnComplete: { count: 1000 },
      removeOnFail: { count: 5000 },
    },
  })
  queue.on('error', () => {})
  return queue
}

async function withQueue<Result>(place: Place, work: (queue: Queue) => Promise<Result>): Promise<Result> {
  const connection = connect({ maxRetriesPerRequest: 1 })
  const queue = openQueue(place, connection)
  try {
    return await work(queue)
  } finally {
    await queue.close()
    connection.disconnect()
  }
}
