import { Logger, makeWorkerUtils, run, WorkerPreset } from 'graphile-worker'
import type { Prisma } from '../../prisma/generated/client/client.ts'
import { sqlStateOf } from '../../src/database/sql-state.ts'
import { Abandoned, abandoned, chunks, openClient, query, sizeOf } from './database.ts'
import type { App, Handler, Peer, PeerWorker, Purpose } from './peer.ts'

const TASK = 'write_airport'

/**
 * What its documentation says about performance (worker.graphile.org/docs/performance): batching of completions for
 * everybody, a local queue of one more than the concurrency; for trivial jobs the settings of its own benchmark.
 */
const TUNING = {
  sheet: { concurrentJobs: 1, maxPoolSize: 3, localQueue: { size: 2 }, completeJobBatchDelay: 0 },
  count: { concurrentJobs: 24, maxPoolSize: 25, localQueue: { size: 500 }, completeJobBatchDelay: 0 },
} as const

/** Postgres's code for it, and how often a transaction is tried that ended with it. */
const DIVISION_BY_ZERO = '22012'
const ATTEMPTS = 10

const silent = new Logger(() => () => {})

/**
 * graphile-worker with a job key per record (mode `replace`), added in the transaction of the write. There is no named
 * queue: a worker that is killed keeps its job locked for four hours, and a named queue would stop with it.
 */
export const graphileWorker: Peer = {
  name: 'graphile_worker',
  unavailable: async () => null,

  async install({ databaseUrl }) {
    const utils = await makeWorkerUtils({ connectionString: databaseUrl, logger: silent })
    await utils.migrate()
    await utils.release()
  },

  async openApp({ databaseUrl }): Promise<App> {
    const prisma = openClient(databaseUrl)
    // Under contention add_job may answer null and have done nothing (graphile/worker#580); its documentation asks to
    // check, and to try again or give up. The division fails then, and with it the transaction, which is tried again.
    const addJob = (
      client: Pick<typeof prisma, '$queryRaw'>,
      iata: string,
    ): Prisma.PrismaPromise<unknown> => client.$queryRaw`
      select 1 / count(job.id) as added from graphile_worker.add_job(
        ${TASK}, json_build_object('iata', ${iata}::text), job_key := ${`airport:${iata}`}) as job`
    return {
      async write(iata, write) {
        for (let attempt = 1; ; attempt++) {
          try {
            return await prisma.$transaction([write(prisma), addJob(prisma, iata)])
          } catch (error) {
            if (attempt === ATTEMPTS || sqlStateOf(error) !== DIVISION_BY_ZERO) throw error
          }
        }
      },
      abandon: (iata, write) =>
        abandoned(
          prisma.$transaction(async (tx) => {
            await write(tx)
            await addJob(tx, iata)
            throw new Abandoned()
          }),
        ),
      async fill(ids) {
        for (const some of chunks(ids, 10_000)) {
          await prisma.$queryRaw`
            select count(*) from graphile_worker.add_jobs(array(
              select (${TASK}, json_build_object('iata', iata), null, null, null, 'airport:' || iata, null, null)
                ::graphile_worker.job_spec
              from unnest(${some}::text[]) as iata))`
        }
      },
      close: () => prisma.$disconnect(),
    }
  },

  async startWorker({ databaseUrl }, handler: Handler, purpose: Purpose): Promise<PeerWorker> {
    const runner = await run({
      preset: {
        extends: [WorkerPreset],
        worker: { connectionString: databaseUrl, logger: silent, failJobBatchDelay: 0, ...TUNING[purpose] },
      },
      noHandleSignals: true,
      taskList: { [TASK]: (payload) => handler((payload as { iata: string }).iata) },
    })
    // After too many errors in a row it stops by itself; its documentation lets the process end with `runner.promise`.
    return { stop: () => runner.stop(), ended: runner.promise }
  },

  async pending({ databaseUrl }) {
    const rows = await query<{ iata: string }>(
      databaseUrl,
      `select distinct payload->>'iata' as iata from graphile_worker._private_jobs where attempts < max_attempts`,
    )
    return new Set(rows.map((row) => row.iata))
  },

  async unsettled({ databaseUrl }) {
    const [row] = await query<{ count: string }>(
      databaseUrl,
      'select count(*) from graphile_worker._private_jobs where attempts < max_attempts',
    )
    return Number(row?.count)
  },

  size: ({ databaseUrl }) => sizeOf(databaseUrl, 'graphile_worker'),
}
