import { fileURLToPath } from 'node:url'
import type pg from 'pg'
import type { FaultOrder } from '../../demo/stock-service/faults.ts'
import { Stock } from '../../demo/stock-service/stock.ts'
import { type Emulator, type Human, startEmulator } from '../../packages/sheets-emulator/index.ts'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { QUEUES, writeback } from '../../src/index.ts'
import { installJobs } from '../../src/operations/install.ts'
import { type Operations, openOperations } from '../../src/operations/operations.ts'
import { openClient, openPool } from '../peers/database.ts'
import { until } from '../peers/measure/contest.ts'
import { startChild } from '../peers/processes.ts'
import type { BenchDatabase } from './database.ts'
import { configOf, LATENCY_MS, type Places } from './places.ts'
import { connectRedis, REDIS_URL, SHOWN_URL } from './redis.ts'

const GIVE_UP_MS = 300_000
const WORKER = fileURLToPath(new URL('../../jobs/worker.ts', import.meta.url))
const CONFIG = fileURLToPath(new URL('./writeback.config.ts', import.meta.url))

/** Airports in a place of every kind, each place a process or a server of its own, and a worker that keeps them. */
export interface Town {
  readonly places: Places
  /** Names of its targets: the cache only where there is a Redis. */
  readonly targets: readonly string[]
  /** The application's client. */
  readonly app: PrismaClient
  readonly person: Human
  readonly emulator: Emulator
  readonly stock: Stock
  readonly operations: Operations
  /** Runs a statement in the database of the application. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>
  /** The same in that of the search table. */
  search<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>
  /** Tells the outside system how to fail; without an order it works, and takes its time. */
  stockFaults(order?: FaultOrder): Promise<void>
  stopWorker(): Promise<void>
  /** Kills the worker at once; another one takes its place. */
  killWorker(): void
  /** Waits until no job of these targets is under way. @defaultValue all */
  settled(targets?: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** What a town is opened with. */
export interface TownOptions {
  readonly name: string
  /** Airports that stand in every place. */
  readonly records: number
}

/** Builds it, with all of its records in all of its places. */
export async function openTown(database: BenchDatabase, { name, records }: TownOptions): Promise<Town> {
  const ends: (() => Promise<unknown>)[] = []
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end()
  }
  try {
    const databaseUrl = await database.create(name)
    const searchUrl = await database.create(`${name}_search`)
    const emulator = await startEmulator({ latencyMs: LATENCY_MS })
    ends.push(() => emulator.close())
    emulator.createSpreadsheet({ properties: { title: name } }, name)
    const stock = await Stock.start()
    ends.push(() => stock.stop())
    const places: Places = {
      ...{ databaseUrl, searchUrl, spreadsheetId: name, stockUrl: stock.url },
      redisUrl: await redisUrl(),
    }
    const config = configOf(places)
    await installJobs(databaseUrl, config)
    const [own, search] = [databaseUrl, searchUrl].map((connectionString) => {
      const pool = openPool(connectionString, { max: 2 })
      ends.push(() => pool.end())
      return async (text: string, values: readonly unknown[] = []) =>
        (await pool.query(text, [...values])).rows
    }) as [Town['query'], Town['search']]
    const plain = openClient(databaseUrl)
    ends.push(() => plain.$disconnect())
    const app = plain.$extends(writeback(config)) as unknown as PrismaClient
    const operations = await openOperations(config, { databaseUrl })
    ends.push(() => operations.close())
    const work = () =>
      startChild(WORKER, [], {
        DATABASE_URL: databaseUrl,
        ...{
          SHEETS_API_URL: emulator.url,
          SHEETS_READS_PER_MINUTE: '100000',
          SHEETS_WRITES_PER_MINUTE: '100000',
        },
        ...{ WRITEBACK_CONFIG: CONFIG, TOWN: JSON.stringify(places), LOG_LEVEL: 'info' },
      })
    let worker = work()
    ends.push(() => worker.stop())
    const targets = config.targets.map((target) => target.name)
    const town: Town = {
      ...{ places, targets, app, emulator, operations, stock, query: own, search, close },
      person: emulator.human(name),
      stopWorker: () => worker.stop(),
      killWorker() {
        worker.kill('SIGKILL')
        worker = work()
      },
      async stockFaults(order) {
        await stock.calm()
        await stock.faults(order ?? { faults: ['slow'], ms: LATENCY_MS, share: 1 })
      },
      settled: (some = targets) =>
        until('all changes have arrived', async () => (await open(own, some)) === 0, GIVE_UP_MS),
    }
    await app.airport.createMany({ data: Array.from({ length: records }, (_, at) => airport(at)) })
    await worker.ready
    await town.settled()
    await town.stockFaults()
    return town
  } catch (error) {
    await close()
    throw error
  }
}

/** Id of an airport by its number. */
export const iataOf = (at: number) => `B${String(at).padStart(4, '0')}`

function airport(at: number) {
  return { iata: iataOf(at), name: `Airport ${at}`, country: 'USA', latitude: at / 100, longitude: -at / 100 }
}

async function open(query: Town['query'], targets: readonly string[]): Promise<number> {
  const [row] = await query<{ count: string }>(
    `select count(*) from pgboss.job where state in ('created', 'retry', 'active')
       and (name = $1 and group_tier = any ($2) or name = $3)`,
    [QUEUES.writeBack, targets, QUEUES.reconcile],
  )
  return Number(row?.count)
}

/** Where the cache is; undefined where there is none, which is said. */
async function redisUrl(): Promise<string | undefined> {
  const redis = await connectRedis()
  redis?.disconnect()
  if (redis === undefined) process.stderr.write(`targets: no Redis at ${SHOWN_URL}, the cache is left out\n`)
  return redis && REDIS_URL
}
