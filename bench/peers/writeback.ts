import { fileURLToPath } from 'node:url'
import { pino } from 'pino'
import { keepHeapSmall } from '../../jobs/heap-flags.ts'
import type { Runtime } from '../../jobs/job.ts'
import { createWorkerTelemetry } from '../../jobs/telemetry/worker-telemetry.ts'
import { writeBack } from '../../jobs/write-back.ts'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { renderTriggerMigration } from '../../src/capture/triggers/index.ts'
import { readEnvironment } from '../../src/config/environment.ts'
import { QUEUES, type WritebackConfig, writeback, writebackContext } from '../../src/index.ts'
import { LANE_SILENCE_MS, LaneLocks } from '../../src/lane/lock.ts'
import type { LaneRequest, Outcome } from '../../src/lane/outcome.ts'
import type { Target } from '../../src/model/target.ts'
import { installJobs } from '../../src/operations/install.ts'
import { sqlOf, startBoss } from '../../src/queue/boss.ts'
import { publishStatement } from '../../src/queue/publish.ts'
import type { OpenClient } from '../../src/source/open-client.ts'
import type { PrismaReader } from '../../src/source/prisma-reader.ts'
import type { StateSink } from '../../src/targets/target.ts'
import {
  Abandoned,
  abandoned,
  chunks,
  openClient,
  pgBossPending,
  pgBossTenths,
  pgBossUnsettled,
  query,
  sizeOf,
} from './database.ts'
import type { App, Handler, Peer, PeerWorker, Place } from './peer.ts'
import { configOf, MODEL } from './writeback-config.ts'

/** More than any measurement asks for: without a quota nothing is to be held back. */
const NO_QUOTA = 100_000

/** This project, with changes captured by the Prisma extension, and by triggers. */
export const extension: Peer = peer('extension')
export const trigger: Peer = peer('trigger')

function peer(mode: 'extension' | 'trigger'): Peer {
  const config = (place: Place) => configOf(mode, place.spreadsheetId, undefined)
  return {
    name: `writeback_${mode}`,
    unavailable: async () => null,

    async install(place) {
      await installJobs(place.databaseUrl, config(place))
      // A new target is filled by a reconcile job; here the records come one change at a time.
      await query(place.databaseUrl, 'delete from pgboss.job where name = $1', [QUEUES.reconcile])
      const migration = mode === 'trigger' ? renderTriggerMigration(config(place), [], new Date()) : null
      if (migration) await query(place.databaseUrl, migration.sql)
    },

    async openApp(place) {
      const plain = openClient(place.databaseUrl, undefined, [writebackContext()])
      const prisma =
        mode === 'trigger' ? plain : (plain.$extends(writeback(config(place))) as unknown as PrismaClient)
      return openApp(plain, prisma, config(place))
    },

    sheetWorker: (place) => ({
      script: fileURLToPath(new URL('../../cli/main.ts', import.meta.url)),
      args: ['worker'],
      env: {
        DATABASE_URL: place.databaseUrl,
        SHEETS_API_URL: place.sheetsApiUrl,
        WRITEBACK_CONFIG: fileURLToPath(new URL('./writeback.config.ts', import.meta.url)),
        WRITEBACK_SPREADSHEET_ID: place.spreadsheetId,
        SHEETS_READS_PER_MINUTE: String(place.quotaPerMinute ?? NO_QUOTA),
        SHEETS_WRITES_PER_MINUTE: String(place.quotaPerMinute ?? NO_QUOTA),
      },
    }),

    // The sheet is written by the real worker's process above; here the same jobs go to a handler.
    startWorker: (place, handler) => startCountingWorker(place, config(place), handler),

    pending: ({ databaseUrl }) => pgBossPending(databaseUrl, QUEUES.writeBack, 'id'),
    unsettled: ({ databaseUrl }) => pgBossUnsettled(databaseUrl, QUEUES.writeBack),
    tenths: ({ databaseUrl }) => pgBossTenths(databaseUrl, QUEUES.writeBack),
    size: ({ databaseUrl }) => sizeOf(databaseUrl, 'pgboss'),
  }
}

function openApp(plain: PrismaClient, prisma: PrismaClient, config: WritebackConfig): App {
  return {
    write: (_iata, write) => write(prisma),
    abandon: (_iata, write) =>
      abandoned(
        prisma.$transaction(async (tx) => {
          await write(tx)
          throw new Abandoned()
        }),
      ),
    async fill(ids) {
      for (const some of chunks(ids, 5000)) {
        const changes = some.map((id) => ({ model: MODEL, id, operation: 'update' as const }))
        const statement = publishStatement(config.schemas, config.targets, changes, undefined)
        if (statement) await plain.$queryRawUnsafe(statement.text, ...statement.values)
      }
    },
    close: () => plain.$disconnect(),
  }
}

/** The worker's job as it is, with a writer that gives each record to a handler instead of a sheet. */
async function startCountingWorker(
  place: Place,
  config: WritebackConfig,
  handler: Handler,
): Promise<PeerWorker> {
  // As the worker's own process does.
  keepHeapSmall()
  const leaving = new AbortController()
  const log = pino({ level: 'silent' })
  const boss = await startBoss({
    databaseUrl: place.databaseUrl,
    schemas: config.schemas,
    log,
    applicationName: 'writeback worker',
    works: true,
  })
  const done: Outcome = { status: 'done', change: 'written' }
  const writer: Pick<StateSink, 'write'> = {
    async write(_lane, requests: readonly LaneRequest<Target>[]) {
      for (const id of requests.flatMap(({ ids }) => ids)) await handler(id)
      return new Map(requests.map(({ target, ids }) => [target.name, new Map(ids.map((id) => [id, done]))]))
    },
  }
  const runtime: Runtime = {
    config,
    environment: readEnvironment({ DATABASE_URL: place.databaseUrl, SHEETS_API_URL: place.sheetsApiUrl }),
    log,
    boss,
    sql: sqlOf(boss),
    client: undefined as unknown as OpenClient,
    reader: undefined as unknown as PrismaReader,
    sinks: writer as StateSink,
    locks: new LaneLocks(place.databaseUrl, log, LANE_SILENCE_MS),
    telemetry: createWorkerTelemetry(),
    leaving: leaving.signal,
  }
  await writeBack.start(runtime)
  return {
    async stop() {
      leaving.abort()
      await boss.stop({ graceful: true, close: true })
    },
  }
}
