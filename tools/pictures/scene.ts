import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { ROOT, startProcess } from '../../demo/processes.ts'
import { type Emulator, startEmulator } from '../../packages/sheets-emulator/index.ts'
import { publishStatement } from '../../src/queue/publish.ts'
import config from '../../writeback.config.ts'
import { startEmbeddedPostgres } from '../embedded-postgres.ts'
import { applyMigrations } from '../migrate.ts'

const GIVE_UP_MS = 180_000

/** What pictures are taken of: a database, the local sheet of the configuration, and a worker. All of it is real. */
export interface Scene {
  readonly database: pg.Pool
  readonly emulator: Emulator
  /** @returns what stops it */
  startWorker(): Promise<() => Promise<void>>
  /** Queues a job for each of the records, as a write would. */
  publish(model: string, ids: readonly string[]): Promise<void>
  /** Waits until a statement answers with `met`. */
  until(what: string, condition: string): Promise<void>
  /**
   * Runs a command, in colour.
   * @param columns how wide its terminal is
   * @param expected exit statuses that are no failure
   * @returns what it prints
   */
  run(args: readonly string[], columns: number, expected?: readonly number[]): Promise<string>
}

/**
 * Sets a scene, and takes it down however the work ends.
 * @param latencyMs how long a call of the local sheet takes
 */
export async function onScene<Result>(
  latencyMs: number,
  work: (scene: Scene) => Promise<Result>,
): Promise<Result> {
  const stops: (() => Promise<unknown>)[] = []
  try {
    const postgres = await startEmbeddedPostgres({ fsync: false })
    stops.unshift(() => postgres.stop())
    const emulator = await startEmulator({ latencyMs })
    stops.unshift(() => emulator.close())
    emulator.createSpreadsheet({ properties: { title: 'Travel agency' } }, 'demo')
    const env = { DATABASE_URL: postgres.url, SHEETS_API_URL: emulator.url, LOG_LEVEL: 'info' }
    await applyMigrations(postgres.url)
    await run(['migrate', '--skip-prisma'], env)
    const database = new pg.Pool({ connectionString: postgres.url, max: 1 })
    // Postgres ends its idle connection when it stops.
    database.on('error', () => {})
    stops.unshift(() => database.end())
    return await work({
      database,
      emulator,
      async startWorker() {
        const worker = await startProcess('jobs/worker.ts', [], env, /worker ready/)
        const stop = () => worker.stop()
        stops.unshift(stop)
        return stop
      },
      publish: (model, ids) => publish(database, model, ids),
      until: (what, condition) => until(what, database, condition),
      run: (args, columns, expected) =>
        run(args, { ...env, COLUMNS: String(columns), FORCE_COLOR: '1' }, expected),
    })
  } finally {
    for (const stop of stops) await stop()
  }
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
