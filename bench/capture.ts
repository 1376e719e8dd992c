import { randomUUID } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { fromPrisma, PgBoss } from 'pg-boss'
import { PrismaClient } from '../prisma/generated/client/client.ts'
import { dataModel } from '../prisma/generated/writeback/data-model.ts'
import { renderTriggerMigration } from '../src/capture/triggers/index.ts'
import { forClient, writeback, writebackContext } from '../src/index.ts'
import { installJobs } from '../src/operations/install.ts'
import { startEmbeddedPostgres } from '../tools/embedded-postgres.ts'
import { applyMigrations } from '../tools/migrate.ts'
import { targetFigures } from './capture/targets.ts'
import { against, type Measurement, quantile, told } from './measurement.ts'
import { openPool } from './peers/database.ts'

const ROUNDS = 7
/** Updates of a variant in a round, each of a record of its own: every one queues a job. */
const ALONE = 300
const TOGETHER = 1_600
/** Updates before those that count: emptying the queue made every connection's plans void. */
const WARM_UP = 400
const CONCURRENCY = 8
const BULK_ROWS = 5_000
const BULK_ROUNDS = 5

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)
const config = defineConfig({
  targets: [
    sheetTarget({
      name: 'airports',
      spreadsheetId: 's',
      tab: 'a',
      model: 'Airport',
      columns: ['name', 'city'],
    }),
  ],
  capture: { mode: 'extension' },
})

/**
 * The least that a trigger can do and still leave a job in pg-boss's table: a ready-made row, and none of what makes it
 * right (which rows differ, who asked for it, the queue's options, a job that is queued already, waking a worker).
 */
const FLOOR_SQL = `
create function bench_floor() returns trigger language plpgsql as $$
begin
  insert into pgboss.job (name, data, singleton_key, policy)
  select 'sync.write-back', '{"v":1,"target":"airports","model":"Airport","id":"A1","operation":"update"}'::jsonb,
    'airports:Airport:' || n.iata_code, 'short'
  from sync_new n
  on conflict do nothing;
  return null;
end
$$;
create trigger bench_floor after update on airports referencing old table as sync_old new table as sync_new
  for each statement execute function bench_floor()`

/** A database and how a record is updated in it. */
interface Variant {
  readonly name: string
  readonly database: Database
  update(iata: string, name: string): Promise<unknown>
}

interface Database {
  readonly url: string
  readonly pool: pg.Pool
}

interface Samples {
  readonly single: number[]
  /** Updates a second, one figure a round. */
  readonly throughput: number[]
}

/**
 * What it costs to queue a change with its write. Every variant updates one record by its id; the variants take turns
 * within each round, so that what else the machine does touches all of them alike. Figures are of one run on one
 * machine over loopback: compare ratios.
 */
export async function* run(): AsyncGenerator<Measurement> {
  const postgres = await startEmbeddedPostgres()
  const closers: (() => Promise<unknown>)[] = []
  try {
    const without = await prepare(await postgres.createDatabase('without'))
    const triggered = await prepare(await postgres.createDatabase('triggered'))
    const floor = await prepare(await postgres.createDatabase('floor'))
    for (const { pool } of [without, triggered, floor]) closers.push(() => pool.end())
    await triggered.pool.query(renderTriggerMigration(config, [], new Date())?.sql ?? '')
    await floor.pool.query(FLOOR_SQL)
    const variants = await makeVariants({ without, triggered, floor }, closers)

    const samples = new Map(
      variants.map((variant) => [variant.name, { single: [], throughput: [] } as Samples]),
    )
    for (let round = 0; round <= ROUNDS; round++) {
      // Another order each time; the first round warms up.
      const order = variants.map((_, at) => variants[(at + round) % variants.length] as Variant)
      for (const variant of order) {
        const measured = await measure(variant, round)
        if (round === 0) continue
        samples.get(variant.name)?.single.push(...measured.single)
        samples.get(variant.name)?.throughput.push(...measured.throughput)
      }
    }
    yield* singleFigures(samples)
    yield* await bulkFigures(without, triggered)
    yield* targetFigures((name) => postgres.createDatabase(`targets_${name}`))
  } finally {
    for (const close of closers.reverse()) await close()
    await postgres.stop()
  }
}

function* singleFigures(samples: ReadonlyMap<string, Samples>): Generator<Measurement> {
  const p50 = (name: string) => quantile(samples.get(name)?.single ?? [], 0.5)
  const rate = (name: string) => quantile(samples.get(name)?.throughput ?? [], 0.5)
  yield told('capture.plain.c1.p50', p50('plain'), 'ms')
  yield told('capture.plain.c8.throughput', rate('plain'), 'writes/s')
  for (const name of ['home_made', 'by_hand']) {
    yield against(`capture.${name}.c1.p50`, p50(name), 'ms', p50('plain'))
    yield against(`capture.${name}.c8.throughput`, rate(name), 'writes/s', rate('plain'))
  }
  // Beside the transaction written by hand. At c=8 the cost of a write is 8 / throughput.
  yield against('capture.extension.c1.p50', p50('extension'), 'ms', p50('by_hand'), { atMost: 1.15 })
  const cost = (name: string) => (CONCURRENCY * 1000) / rate(name)
  yield against('capture.extension.c8.cost', cost('extension'), 'ms', cost('by_hand'), { atMost: 1.15 })
  // Beside plain Prisma.
  yield against('capture.trigger.c1.p50', p50('trigger'), 'ms', p50('plain'), { atMost: 1.3 })
  yield against('capture.trigger.c8.throughput', rate('trigger'), 'writes/s', rate('plain'), {
    atLeast: 0.75,
  })
  yield against('capture.floor.c1.p50', p50('floor'), 'ms', p50('plain'))
  yield against('capture.floor.c8.throughput', rate('floor'), 'writes/s', rate('plain'))
  yield against('capture.extension_over_plain.c1.p50', p50('extension'), 'ms', p50('plain'))
}

async function bulkFigures(without: Database, triggered: Database): Promise<Measurement[]> {
  const times = { plain: [] as number[], trigger: [] as number[] }
  for (let round = 0; round <= BULK_ROUNDS; round++) {
    const plain = await bulk(without, round)
    const trigger = await bulk(triggered, round)
    if (round === 0) continue
    times.plain.push(plain)
    times.trigger.push(trigger)
  }
  const baseline = quantile(times.plain, 0.5)
  return [
    told(`capture.plain.update_many_${BULK_ROWS}`, baseline, 'ms'),
    against(`capture.trigger.update_many_${BULK_ROWS}`, quantile(times.trigger, 0.5), 'ms', baseline, {
      atMost: 6,
    }),
  ]
}

async function bulk(database: Database, round: number): Promise<number> {
  await settle(database)
  const client = clientOf(database)
  try {
    await client.$queryRaw`select 1`
    const started = performance.now()
    await client.airport.updateMany({ data: { name: `bulk ${round}` } })
    return performance.now() - started
  } finally {
    await client.$disconnect()
  }
}

async function measure({ database, update }: Variant, round: number): Promise<Samples> {
  await settle(database)
  let next = 0
  const updateNext = () => update(code(next++), `round ${round}`)
  const together = async (count: number) => {
    const end = next + count
    const writer = async () => {
      while (next < end) await updateNext()
    }
    const started = performance.now()
    await Promise.all(Array.from({ length: CONCURRENCY }, writer))
    return (count * 1000) / (performance.now() - started)
  }
  await together(WARM_UP)
  const single: number[] = []
  for (let at = 0; at < ALONE; at++) {
    const started = performance.now()
    await updateNext()
    single.push(performance.now() - started)
  }
  return { single, throughput: [await together(TOGETHER)] }
}

async function makeVariants(
  { without, triggered, floor }: Record<'without' | 'triggered' | 'floor', Database>,
  closers: (() => Promise<unknown>)[],
): Promise<Variant[]> {
  const plain = clientOf(without)
  const byTrigger = clientOf(triggered)
  const atFloor = clientOf(floor)
  const own = clientOf(without)
  const extended = own.$extends(writeback(config)) as unknown as PrismaClient
  const boss = new PgBoss({ connectionString: without.url, max: 1, supervise: false, schedule: false })
  boss.on('error', () => {})
  await boss.start()
  closers.push(() => boss.stop({ graceful: false }))
  for (const client of [plain, byTrigger, atFloor, own]) closers.push(() => client.$disconnect())
  const set = (iata: string, name: string) => ({ where: { iata }, data: { name } })
  const data = (iata: string) => ({
    v: 1,
    target: 'airports',
    model: 'Airport',
    id: iata,
    operation: 'update',
  })
  return [
    { name: 'plain', database: without, update: (iata, name) => plain.airport.update(set(iata, name)) },
    {
      // Reads what is there, updates, notes the change in a table of its own: three calls, in no transaction.
      name: 'home_made',
      database: without,
      update: async (iata, name) => {
        const before = await plain.airport.findUnique({ where: { iata } })
        const after = await plain.airport.update(set(iata, name))
        await plain.syncAudit.create({
          data: { actor: 'app', action: 'update', target: iata, subject: { before, after } as object },
        })
      },
    },
    {
      name: 'by_hand',
      database: without,
      update: (iata, name) =>
        plain.$transaction(async (tx) => {
          await tx.airport.update(set(iata, name))
          const job = { id: randomUUID(), data: data(iata), singletonKey: `airports:Airport:${iata}` }
          await boss.insert('sync.write-back', [job], { db: fromPrisma(tx), returnId: true } as never)
        }),
    },
    {
      name: 'extension',
      database: without,
      update: (iata, name) => extended.airport.update(set(iata, name)),
    },
    {
      name: 'trigger',
      database: triggered,
      update: (iata, name) => byTrigger.airport.update(set(iata, name)),
    },
    {
      name: 'floor',
      database: floor,
      update: (iata, name) => atFloor.airport.update(set(iata, name)),
    },
  ]
}

async function prepare(url: string): Promise<Database> {
  await applyMigrations(url)
  await installJobs(url, config)
  const pool = openPool(url, { max: 1 })
  await pool.query(
    `insert into airports (iata_code, name, country, latitude, longitude)
     select 'A' || at, 'x', 'DE', 1, 1 from generate_series(0, $1::int - 1) at`,
    [BULK_ROWS],
  )
  return { url, pool }
}

/** The same start for every measurement: an empty queue, no dead rows. */
async function settle({ pool }: Database): Promise<void> {
  await pool.query('truncate pgboss.job, sync_audit')
  await pool.query('vacuum analyze airports')
  await pool.query('checkpoint')
}

function clientOf({ url }: Database): PrismaClient {
  return new PrismaClient({
    adapter: new PrismaPg({ connectionString: url, max: CONCURRENCY }),
    comments: [writebackContext()],
  })
}

function code(at: number): string {
  return `A${at}`
}
