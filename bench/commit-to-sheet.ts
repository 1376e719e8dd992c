import { setTimeout as sleep } from 'node:timers/promises'
import { PrismaPg } from '@prisma/adapter-pg'
import { setStage } from '../demo/stage.ts'
import { PrismaClient } from '../prisma/generated/client/client.ts'
import { writeback } from '../src/index.ts'
import { against, atMost, type Measurement, quantile, told } from './measurement.ts'
import { steadyLoad } from './steady-load.ts'

const WARM_UP = 10
/** Single writes on an idle system, one after the other's row has arrived. */
const IDLE_WRITES = 150
/** A steady load of single writes, each of another record. */
const LOAD_PER_SECOND = 100
const LOAD_SECONDS = 10
const RECORDS = LOAD_PER_SECOND * LOAD_SECONDS

const GIVE_UP_MS = 30_000

/**
 * From the commit of a change until its row is written, through every process: a write by the extended client, pg-boss,
 * a worker of its own, the local sheet with 50 ms latency. A row counts as written when the worker has stored its base,
 * which is after the API's answer. Beside it, the same write by the plain client, which nothing follows.
 */
export async function* run(): AsyncGenerator<Measurement> {
  const stage = await setStage({ quota: undefined, say: () => {} })
  process.env.WRITEBACK_SPREADSHEET_ID = stage.spreadsheetId
  process.env.DATABASE_URL = stage.databaseUrl
  const { default: config } = await import('../writeback.config.ts')
  const open = () =>
    new PrismaClient({ adapter: new PrismaPg({ connectionString: stage.databaseUrl, max: 8 }) })
  const plain = open()
  // Capture sees all clients of the one that is extended, so that what nothing follows is another.
  const beside = open()
  const prisma = plain.$extends(writeback(config)) as unknown as PrismaClient
  try {
    await prisma.airport.createMany({ data: Array.from({ length: RECORDS }, (_, at) => airport(at)) })
    await settled(plain)

    const idle: number[] = []
    for (let at = 0; at < WARM_UP + IDLE_WRITES; at++) {
      const iata = code(at)
      await prisma.airport.update({ where: { iata }, data: { name: `idle ${at}` } })
      const delay = await arrival(plain, iata, Date.now())
      if (at >= WARM_UP) idle.push(delay)
    }
    yield atMost('commit_to_sheet.idle.p50', quantile(idle, 0.5), 'ms', 200)
    yield atMost('commit_to_sheet.idle.p99', quantile(idle, 0.99), 'ms', 600)

    const ended = await steadyLoad(RECORDS, LOAD_PER_SECOND, (at) =>
      prisma.airport.update({ where: { iata: code(at) }, data: { name: `load ${at}` } }),
    )
    const committed = new Map(ended.map((moment, at) => [code(at), moment]))
    await settled(plain)
    const rows = await plain.syncRecord.findMany({ where: { target: 'airports' } })
    const load = rows.map((row) => row.writtenAt.getTime() - (committed.get(row.recordKey) ?? Number.NaN))
    yield atMost('commit_to_sheet.load_100_per_second.p50', quantile(load, 0.5), 'ms', 200)
    yield atMost('commit_to_sheet.load_100_per_second.p99', quantile(load, 0.99), 'ms', 600)
    const calls = await plain.syncTarget.aggregate({ _sum: { apiCalls: true } })
    yield told('api_calls.whole_run', Number(calls._sum.apiCalls ?? 0), 'calls')

    const timed = async (client: PrismaClient): Promise<number> => {
      const samples: number[] = []
      for (let at = 0; at < 300; at++) {
        const start = performance.now()
        await client.airport.update({ where: { iata: code(at) }, data: { name: `timed ${at}` } })
        samples.push(performance.now() - start)
      }
      return quantile(samples, 0.5)
    }
    const withoutUs = await timed(beside)
    yield against('write.extended_client.p50', await timed(prisma), 'ms', withoutUs)
  } finally {
    await Promise.all([plain.$disconnect(), beside.$disconnect()])
    await stage.stop()
  }
}

async function settled(plain: PrismaClient): Promise<void> {
  const deadline = Date.now() + GIVE_UP_MS
  for (;;) {
    const [row] = await plain.$queryRaw<{ waiting: bigint }[]>`
      select count(*) as waiting from pgboss.job
      where name = 'sync.write-back' and state in ('created', 'retry', 'active')`
    if (Number(row?.waiting ?? 0) === 0) return
    if (Date.now() > deadline)
      throw new Error(`${row?.waiting} jobs are still waiting after ${GIVE_UP_MS} ms`)
    await sleep(20)
  }
}

/** Milliseconds from the commit until the worker has stored what it wrote. */
async function arrival(plain: PrismaClient, iata: string, committedAt: number): Promise<number> {
  const deadline = Date.now() + GIVE_UP_MS
  const where = { target_recordKey: { target: 'airports', recordKey: iata } }
  for (;;) {
    const record = await plain.syncRecord.findUnique({ where, select: { writtenAt: true } })
    const delay = (record?.writtenAt.getTime() ?? 0) - committedAt
    if (delay >= 0) return delay
    if (Date.now() > deadline) throw new Error(`the row of ${iata} was not written after ${GIVE_UP_MS} ms`)
    await sleep(5)
  }
}

const code = (at: number) => `B${String(at).padStart(4, '0')}`

function airport(at: number) {
  return { iata: code(at), name: `Airport ${at}`, country: 'USA', latitude: at / 100, longitude: -at / 100 }
}
