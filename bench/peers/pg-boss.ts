import { fromPrisma, type Job, type JobResult, PgBoss } from 'pg-boss'
import {
  Abandoned,
  abandoned,
  chunks,
  openClient,
  pgBossPending,
  pgBossTenths,
  pgBossUnsettled,
  sizeOf,
} from './database.ts'
import type { App, Handler, Peer, PeerWorker, Purpose } from './peer.ts'

const QUEUE = 'airport.sheet'

/** Batches save round trips to Postgres; each job is still handled and settled on its own. */
const BATCH = { sheet: 25, count: 500 } as const

/**
 * pg-boss as its documentation has it: one job a change, sent in the transaction of the write through its Prisma
 * adapter, notified workers, heartbeats that find a dead worker, retries with backoff. No policy, so a record that is
 * written five times has five jobs.
 */
export const pgBoss: Peer = {
  name: 'pg_boss',
  unavailable: async () => null,

  async install({ databaseUrl }) {
    const boss = quiet(
      new PgBoss({ connectionString: databaseUrl, max: 1, supervise: false, schedule: false }),
    )
    await boss.start()
    await boss.createQueue(QUEUE, {
      notify: true,
      heartbeatSeconds: 30,
      retryLimit: 8,
      retryDelay: 5,
      retryBackoff: true,
      retryDelayMax: 600,
    })
    await boss.stop({ graceful: false })
  },

  async openApp({ databaseUrl }): Promise<App> {
    const prisma = openClient(databaseUrl)
    const boss = quiet(
      new PgBoss({
        connectionString: databaseUrl,
        max: 1,
        migrate: false,
        supervise: false,
        schedule: false,
      }),
    )
    await boss.start()
    return {
      write: (iata, write) =>
        prisma.$transaction(async (tx) => {
          await write(tx)
          await boss.send(QUEUE, { iata }, { db: fromPrisma(tx) })
        }),
      abandon: (iata, write) =>
        abandoned(
          prisma.$transaction(async (tx) => {
            await write(tx)
            await boss.send(QUEUE, { iata }, { db: fromPrisma(tx) })
            throw new Abandoned()
          }),
        ),
      async fill(ids) {
        for (const some of chunks(ids, 5000)) {
          await boss.insert(
            QUEUE,
            some.map((iata) => ({ data: { iata } })),
          )
        }
      },
      async close() {
        await boss.stop({ graceful: false })
        await prisma.$disconnect()
      },
    }
  },

  async startWorker({ databaseUrl }, handler: Handler, purpose: Purpose): Promise<PeerWorker> {
    const boss = quiet(
      new PgBoss({
        connectionString: databaseUrl,
        max: 2,
        migrate: false,
        useListenNotify: true,
        // Both, or a dead worker's jobs are looked for once a minute.
        superviseIntervalSeconds: 15,
        monitorIntervalSeconds: 15,
      }),
    )
    await boss.start()
    const options = {
      batchSize: BATCH[purpose],
      perJobResults: true,
      burstWhenBatchFull: true,
      // For retries, whose time comes without a notification.
      notifyPollingIntervalSeconds: 5,
    } as const
    await boss.work(QUEUE, options, async (jobs: Job<{ iata: string }>[]) => {
      const results: JobResult[] = []
      for (const { id, data } of jobs) {
        await handler(data.iata).then(
          () => results.push({ id, status: 'completed' }),
          (error: Error) => results.push({ id, status: 'failed', output: { message: error.message } }),
        )
      }
      return results
    })
    return { stop: () => boss.stop({ timeout: 10_000 }) }
  },

  pending: ({ databaseUrl }) => pgBossPending(databaseUrl, QUEUE, 'iata'),
  unsettled: ({ databaseUrl }) => pgBossUnsettled(databaseUrl, QUEUE),
  tenths: ({ databaseUrl }) => pgBossTenths(databaseUrl, QUEUE),
  size: ({ databaseUrl }) => sizeOf(databaseUrl, 'pgboss'),
}

/** An error event without a listener would end the process; a database that is away is what is measured. */
function quiet(boss: PgBoss): PgBoss {
  boss.on('error', () => {})
  return boss
}
