import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { renderTriggerMigration } from '../../src/capture/triggers/index.ts'
import type { WritebackConfig } from '../../src/config/define-config.ts'
import { forClient, writeback } from '../../src/index.ts'
import { installJobs } from '../../src/operations/install.ts'
import { applyMigrations } from '../../tools/migrate.ts'
import { against, type Measurement, quantile, told } from '../measurement.ts'
import { openPool } from '../peers/database.ts'

const COUNTS = [1, 2, 5]
const ROUNDS = 9
/** Updates in a round, each of a record of its own: every one queues a job for every target. */
const UPDATES = 250
const WARM_UP = 60
/** How many times the cost of one target five may have, with triggers and one writer. */
const FIVE_AT_MOST = 1.5

const { defineConfig, customTarget } = forClient<PrismaClient>(dataModel)

interface Variant {
  readonly name: string
  readonly pool: pg.Pool
  readonly samples: number[]
  update(iata: string, name: string): Promise<unknown>
}

/**
 * What a write costs that several targets follow, both ways of capture, one writer. `apart` is a trigger that makes a call
 * for each of five targets, as a library would that knows one target at a time.
 */
export async function* targetFigures(
  createDatabase: (name: string) => Promise<string>,
): AsyncGenerator<Measurement> {
  const closers: (() => Promise<unknown>)[] = []
  try {
    const variants: Variant[] = []
    const add = async (name: string, config: WritebackConfig, sql: string | undefined, extended: boolean) => {
      const { pool, client } = await open(await createDatabase(name), config, closers)
      if (sql) await pool.query(sql)
      const app = extended ? (client.$extends(writeback(config)) as unknown as PrismaClient) : client
      const update = (iata: string, text: string) =>
        app.airport.update({ where: { iata }, data: { name: text } })
      variants.push({ name, pool, samples: [], update })
    }
    await add('plain', configOf(1), undefined, false)
    for (const count of COUNTS) {
      const config = configOf(count)
      await add(`trigger_${count}`, config, renderTriggerMigration(config, [], new Date())?.sql, false)
      await add(
        `extension_${count}`,
        { ...config, capture: { ...config.capture, mode: 'extension' } },
        undefined,
        true,
      )
    }
    await add('apart_5', configOf(5), apartSql(5), false)
    for (let round = 0; round <= ROUNDS; round++) {
      for (let at = 0; at < variants.length; at++) {
        const variant = variants[(at + round) % variants.length] as Variant
        const samples = await measure(variant, round)
        if (round > 0) variant.samples.push(...samples)
      }
    }
    const p50 = (name: string) => quantile(variants.find((one) => one.name === name)?.samples ?? [], 0.5)
    yield told('capture.targets.plain.p50', p50('plain'), 'ms')
    for (const way of ['trigger', 'extension']) {
      for (const count of COUNTS.slice(1)) {
        const limit = way === 'trigger' && count === 5 ? { atMost: FIVE_AT_MOST } : undefined
        yield against(
          `capture.targets.${way}_${count}.p50`,
          p50(`${way}_${count}`),
          'ms',
          p50(`${way}_1`),
          limit,
        )
      }
    }
    yield against('capture.targets.apart_5.p50', p50('apart_5'), 'ms', p50('trigger_1'))
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

function configOf(count: number): WritebackConfig {
  return defineConfig({
    targets: Array.from({ length: count }, (_, at) =>
      customTarget({ name: `t${at}`, model: 'Airport', upsert: () => {}, remove: () => {} }),
    ),
  })
}

/** A trigger that publishes for each target by a call of its own. */
function apartSql(count: number): string {
  const calls = Array.from(
    { length: count },
    (_, at) => `perform sync_publish('t${at}', 'Airport', 'custom:t${at}', v_ids, v_operations, null);`,
  )
  return `create function bench_apart() returns trigger language plpgsql as $$
declare v_ids text[]; v_operations text[];
begin
  select array_agg(n.iata_code), array_agg('update'::text) into v_ids, v_operations
  from sync_new n join sync_old o using (iata_code) where n is distinct from o;
  ${calls.join('\n  ')}
  return null;
end $$;
create trigger bench_apart after update on airports referencing old table as sync_old new table as sync_new
  for each statement execute function bench_apart()`
}

async function open(url: string, config: WritebackConfig, closers: (() => Promise<unknown>)[]) {
  await applyMigrations(url)
  await installJobs(url, config)
  const pool = openPool(url, { max: 1 })
  const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 1 }) })
  closers.push(
    () => pool.end(),
    () => client.$disconnect(),
  )
  await pool.query(
    `insert into airports (iata_code, name, country, latitude, longitude)
     select 'A' || at, 'x', 'DE', 1, 1 from generate_series(0, $1::int - 1) at`,
    [UPDATES + WARM_UP],
  )
  return { pool, client }
}

async function measure({ pool, update }: Variant, round: number): Promise<number[]> {
  await pool.query('truncate pgboss.job')
  await pool.query('vacuum analyze airports')
  const samples: number[] = []
  for (let at = 0; at < UPDATES + WARM_UP; at++) {
    const started = performance.now()
    await update(`A${at}`, `round ${round}`)
    if (at >= WARM_UP) samples.push(performance.now() - started)
  }
  return samples
}
