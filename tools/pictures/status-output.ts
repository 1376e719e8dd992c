import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { ROOT, startProcess } from '../../demo/processes.ts'
import { startEmulator } from '../../packages/sheets-emulator/index.ts'
import { publishStatement } from '../../src/queue/publish.ts'
import config from '../../writeback.config.ts'
import { startEmbeddedPostgres } from '../embedded-postgres.ts'
import { applyMigrations } from '../migrate.ts'

/** Requests that change at once, and how many of them are written when the picture is taken. */
const BACKLOG = 50_000
const DONE = 12_000

/** Time a call of the local sheet takes: as much as keeps the picture's numbers plausible for Google's. */
const LATENCY_MS = 350

const GIVE_UP_MS = 180_000

/**
 * What `writeback status` says while a worker drains a backlog of one target, and people have broken the tab of another:
 * all of it real, a worker and the local sheet.
 */
export async function statusOutput(columns: number): Promise<string> {
  const stops: (() => Promise<unknown>)[] = []
  try {
    const postgres = await startEmbeddedPostgres({ fsync: false })
    stops.unshift(() => postgres.stop())
    const emulator = await startEmulator({ latencyMs: LATENCY_MS })
    stops.unshift(() => emulator.close())
    emulator.createSpreadsheet({ properties: { title: 'Travel agency' } }, 'demo')
    const env = { DATABASE_URL: postgres.url, SHEETS_API_URL: emulator.url, LOG_LEVEL: 'info' }
    await applyMigrations(postgres.url)
    await run(['migrate', '--skip-prisma'], env)
    const database = new pg.Pool({ connectionString: postgres.url, max: 1 })
    // Postgres ends its idle connection when it stops.
    database.on('error', () => {})
    stops.unshift(() => database.end())

    await addAirports(database, ['LAX', 'SFO'])
    const worker = await startProcess('jobs/worker.ts', [], env, /worker ready/)
    stops.unshift(() => worker.stop())
    await until('the airports have rows', database, `select count(*) = 2 as met from sync_record`)
    // Somebody has typed over the header of the key.
    emulator.human('demo').act('type', { tab: 'Airports', cell: 'A1', text: 'Code' })
    await addAirports(database, ['JFK'])
    const stopped = `select last_error_code is not null as met from sync_target where name = 'airports'`
    await until('the tab is found broken', database, stopped)
    await addRequests(database)
    const done = `select coalesce(max(settled), 0) >= ${DONE} as met from sync_progress where target = 'requests'`
    await until('a part of the backlog is written', database, done)
    return await run(['status'], { ...env, COLUMNS: String(columns), FORCE_COLOR: '1' }, [3, 4])
  } finally {
    for (const stop of stops) await stop()
  }
}

async function addAirports(database: pg.Pool, codes: readonly string[]): Promise<void> {
  await database.query(
    `insert into airports (iata_code, name, country, latitude, longitude)
     select code, 'Airport ' || code, 'USA', 1, 2 from unnest($1::text[]) code`,
    [codes],
  )
  await publish(database, 'Airport', codes)
}

async function addRequests(database: pg.Pool): Promise<void> {
  const { rows } = await database.query<{ id: string }>(
    `insert into requests (id, reference, customer_name, budget, departure_on, updated_at)
     select 'r' || lpad(i::text, 6, '0'), lpad(i::text, 6, '0'), 'Customer ' || i, 1200 + i, current_date + i % 300, now()
     from generate_series(1, ${BACKLOG}) i returning id`,
  )
  await publish(
    database,
    'Request',
    rows.map(({ id }) => id),
  )
}

async function publish(database: pg.Pool, model: string, ids: readonly string[]): Promise<void> {
  const changes = ids.map((id) => ({ model, id, operation: 'update' as const }))
  const statement = publishStatement(config.schemas, config.targets, changes, undefined)
  if (statement) await database.query(statement.text, [...statement.values])
}

async function until(what: string, database: pg.Pool, condition: string): Promise<void> {
  const deadline = Date.now() + GIVE_UP_MS
  for (;;) {
    const { rows } = await database.query<{ met: boolean }>(condition)
    if (rows[0]?.met) return
    if (Date.now() > deadline) throw new Error(`waited ${GIVE_UP_MS / 1000} s in vain until ${what}`)
    await sleep(100)
  }
}

/** Runs a command of the CLI. @returns what it prints */
async function run(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  expected: readonly number[] = [0],
): Promise<string> {
  const child = spawn(process.execPath, ['cli/main.ts', ...args], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: undefined, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [code, output] = await Promise.all([ended, text(child.stdout)])
  if (code === null || !expected.includes(code)) {
    throw new Error(`writeback ${args.join(' ')} ended with ${code}:\n${output}`)
  }
  return output
}
