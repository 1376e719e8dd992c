import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readSheetEnvironment } from '../src/targets/sheet/config/environment.ts'
import { freePort, startEmbeddedPostgres } from '../tools/embedded-postgres.ts'
import { type DemoProcess, runToEnd, startProcess } from './processes.ts'

/** Latency of the local sheet, in milliseconds: about what Google's API takes on a good day. */
const LATENCY_MS = 50

/** Everything that runs for the demo. */
export interface Stage {
  readonly databaseUrl: string
  /** Environment of the processes. */
  readonly env: Readonly<Record<string, string>>
  /** The same as a file, for `npx node --env-file`; it goes with the demo. */
  readonly envFile: string
  readonly spreadsheetId: string
  /** Address of the sheet for a person to look at. */
  readonly sheetUrl: string
  /** Root of the local Sheets API, or null for Google's. */
  readonly emulatorUrl: string | null
  readonly dashboardUrl: string
  /** The outside system that books seats. */
  readonly stockUrl: string
  /** Times that the worker was started again after somebody killed it. */
  restarts(): number
  stop(): Promise<void>
}

/** What {@link setStage} is told. */
export interface StageOptions {
  /** Write requests per minute that the local sheet allows; undefined for any number. */
  readonly quota: number | undefined
  /** Told what has been started, a line each. */
  say(line: string): void
}

/** Starts Postgres, migrates it, starts a sheet, a worker and pg-boss's dashboard, each as its own process. */
export async function setStage({ quota, say }: StageOptions): Promise<Stage> {
  const stops: (() => Promise<void>)[] = []
  const given = process.env.DATABASE_URL
  let databaseUrl = given
  if (databaseUrl === undefined) {
    const postgres = await startEmbeddedPostgres()
    stops.unshift(() => postgres.stop())
    databaseUrl = await postgres.createDatabase('demo')
  }
  say(`Postgres    ${given ? 'DATABASE_URL' : 'embedded, for this run'}`)

  const google = usesGoogle()
  let spreadsheetId = process.env.WRITEBACK_SPREADSHEET_ID ?? ''
  let emulatorUrl: string | null = null
  if (google) {
    if (spreadsheetId === '') {
      throw new Error(
        'Google credentials are set, so the demo writes to a real sheet. Share one with the service account and name it: WRITEBACK_SPREADSHEET_ID=...',
      )
    }
  } else {
    const emulator = await startEmulatorProcess(quota)
    stops.unshift(() => emulator.stop())
    emulatorUrl = (emulator.ready[0] as string).replace(/\/*$/, '/')
    spreadsheetId = await createSpreadsheet(emulatorUrl)
  }
  const sheetUrl = `${emulatorUrl ?? 'https://docs.google.com/'}spreadsheets/d/${spreadsheetId}/edit`
  say(`Sheet       ${sheetUrl}`)

  const stock = await startProcess('demo/stock-service/main.ts', [], {}, /http:\/\/\S+/)
  stops.unshift(() => stock.stop())
  const stockUrl = (stock.ready[0] as string).replace(/\/$/, '')
  say(`Seats       ${stockUrl}/, a system of its own`)
  const { REDIS_URL } = process.env
  say(`Cache       ${REDIS_URL === undefined ? 'none: set REDIS_URL to have one' : 'REDIS_URL'}`)

  const perMinute = String(quota ?? 100_000)
  const env = {
    DATABASE_URL: databaseUrl,
    WRITEBACK_SPREADSHEET_ID: spreadsheetId,
    WRITEBACK_CONFIG: 'demo/writeback.config.ts',
    STOCK_URL: stockUrl,
    ...(REDIS_URL && { REDIS_URL }),
    ...(emulatorUrl && {
      SHEETS_API_URL: emulatorUrl,
      SHEETS_READS_PER_MINUTE: perMinute,
      SHEETS_WRITES_PER_MINUTE: perMinute,
    }),
    LOG_LEVEL: process.env.LOG_LEVEL ?? 'info',
  }
  const folder = await mkdtemp(join(tmpdir(), 'writeback-demo-'))
  stops.push(() => rm(folder, { recursive: true }))
  const envFile = join(folder, 'env')
  const lines = Object.entries(env).map(([name, value]) => `${name}='${value}'\n`)
  await writeFile(envFile, lines.join(''), { mode: 0o600 })

  await runToEnd('cli/main.ts', ['migrate'], env)
  say('Release     migrations, queues and schedules are in place')

  const worker = await keepWorkerRunning(env, say)
  stops.unshift(() => worker.stop())

  const dashboard = await startProcess(
    'node_modules/@pg-boss/dashboard/bin/cli.js',
    [],
    { DATABASE_URL: databaseUrl, PORT: String(await freePort()), HOST: '127.0.0.1', PGBOSS_SCHEMA: 'pgboss' },
    /http:\/\/\S+/,
  )
  stops.unshift(() => dashboard.stop())
  const dashboardUrl = dashboard.ready[0] as string
  say(`Dashboard   ${dashboardUrl}`)

  return {
    databaseUrl,
    env,
    envFile,
    spreadsheetId,
    sheetUrl,
    emulatorUrl,
    dashboardUrl,
    stockUrl,
    restarts: worker.restarts,
    async stop() {
      for (const stop of stops) await stop()
    },
  }
}

function usesGoogle(): boolean {
  const { GOOGLE_SERVICE_ACCOUNT_JSON, GOOGLE_APPLICATION_CREDENTIALS, SHEETS_API_URL } = process.env
  if (!(GOOGLE_SERVICE_ACCOUNT_JSON || GOOGLE_APPLICATION_CREDENTIALS) || SHEETS_API_URL) return false
  readSheetEnvironment(process.env)
  return true
}

function startEmulatorProcess(quota: number | undefined): Promise<DemoProcess> {
  const limits = quota === undefined ? [] : ['--quota-per-minute', String(quota)]
  return startProcess(
    'packages/sheets-emulator/main.ts',
    ['--port', '0', '--latency', String(LATENCY_MS), ...limits],
    {},
    /http:\/\/\S+/,
  )
}

/** An empty spreadsheet of the local API, as anybody's client makes one. @returns its id */
async function createSpreadsheet(emulatorUrl: string): Promise<string> {
  const response = await fetch(new URL('v4/spreadsheets', emulatorUrl), {
    method: 'POST',
    headers: { authorization: 'Bearer demo', 'content-type': 'application/json' },
    // The tab that people see first; the worker makes the other one.
    body: JSON.stringify({
      properties: { title: 'prisma-writeback demo' },
      sheets: [{ properties: { title: 'Airports', gridProperties: { frozenRowCount: 1 } } }],
    }),
  })
  if (!response.ok) throw new Error(`the local sheet was not created: ${await response.text()}`)
  return ((await response.json()) as { spreadsheetId: string }).spreadsheetId
}

/** A worker that is started again when it is killed, as a dyno manager does. */
async function keepWorkerRunning(env: Readonly<Record<string, string>>, say: (line: string) => void) {
  let stopping = false
  let restarts = 0
  let current: DemoProcess
  const start = async (): Promise<void> => {
    current = await startProcess('jobs/worker.ts', [], env, /worker ready/)
    say(`Worker      process ${current.pid}; kill it if you like: kill -9 ${current.pid}`)
    void current.ended.then(async ({ code, signal }) => {
      if (stopping) return
      restarts++
      say(`Worker      process ${current.pid} ended (${signal ?? `status ${code}`}), starting another`)
      await start()
    })
  }
  await start()
  return {
    restarts: () => restarts,
    stop: async () => {
      stopping = true
      await current.stop()
    },
  }
}
