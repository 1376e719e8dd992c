import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { type Emulator, type Human, startEmulator } from '../../packages/sheets-emulator/index.ts'
import { QUEUES } from '../../src/index.ts'
import { installJobs } from '../../src/operations/install.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../tools/embedded-postgres.ts'
import { applyMigrations } from '../../tools/migrate.ts'
import { openClient, query } from '../peers/database.ts'
import { until } from '../peers/measure/contest.ts'
import { type Child, startChild } from '../peers/processes.ts'
import { configOf, tabOf } from './config.ts'

/** Google's quota for one user: the local sheet refuses what is above it, and the worker knows it. */
export const QUOTA_PER_MINUTE = 60

/** Time that each call of the API takes, in milliseconds. */
const LATENCY_MS = 50

const TEMPLATE = 'template_two_way'

const GIVE_UP_MS = 300_000
const CONFIG = fileURLToPath(new URL('./writeback.config.ts', import.meta.url))

/** Calls that were answered, and that were refused. */
export interface Calls {
  readonly read: number
  readonly write: number
  readonly failed: number
}

/** What an office is opened with. */
export interface OfficeOptions {
  readonly name: string
  /** Requests R0, R1, ... that stand in the tabs. */
  readonly records: number
  /** @defaultValue 1 */
  readonly tabs?: number
  /** The secret of the script that tells of edits; without one there is none. */
  readonly secret?: string
  /** Port of the worker. */
  readonly port?: number
}

/** One Postgres that all measurements share. */
export interface Building {
  /** Makes a database and a spreadsheet with a tab of its records, which a worker has written. */
  open(options: OfficeOptions): Promise<Office>
  close(): Promise<void>
}

/** A spreadsheet, its records, and who works on them. */
export interface Office {
  readonly spreadsheetId: string
  readonly person: Human
  /** Runs a statement on a connection that stays open. */
  query<Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]>
  calls(): Calls
  /** Starts a worker as a process of its own; it need not be ready yet. */
  work(): Child
  /** Waits until no job is under way. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** Starts Postgres. */
export async function openBuilding(): Promise<Building> {
  const postgres = await startEmbeddedPostgres()
  await applyMigrations(await postgres.createDatabase(TEMPLATE))
  return {
    open: (options) => openOffice(postgres, options),
    close: () => postgres.stop(),
  }
}

async function openOffice(postgres: EmbeddedPostgres, options: OfficeOptions): Promise<Office> {
  const { name, records, tabs = 1, secret, port } = options
  await query(postgres.url, `create database "${name}" template "${TEMPLATE}"`)
  const databaseUrl = await postgres.createDatabase(name)
  await fill(databaseUrl, records)
  const emulator = await startEmulator({
    latencyMs: LATENCY_MS,
    quota: { perUser: QUOTA_PER_MINUTE, perProject: QUOTA_PER_MINUTE },
  })
  const setting = { spreadsheetId: name, tabs, script: secret !== undefined }
  emulator.createSpreadsheet({ properties: { title: name } }, name)
  await installJobs(databaseUrl, configOf(setting, databaseUrl))
  const client = new pg.Client(databaseUrl)
  client.on('error', () => {})
  await client.connect()
  const workers: Child[] = []
  const work = () => {
    const worker = startChild(fileURLToPath(new URL('../../jobs/worker.ts', import.meta.url)), [], {
      DATABASE_URL: databaseUrl,
      SHEETS_API_URL: emulator.url,
      SHEETS_READS_PER_MINUTE: String(QUOTA_PER_MINUTE),
      SHEETS_WRITES_PER_MINUTE: String(QUOTA_PER_MINUTE),
      WRITEBACK_CONFIG: CONFIG,
      TWO_WAY: JSON.stringify(setting),
      LOG_LEVEL: 'info',
      ...(secret !== undefined && { WRITEBACK_SCRIPT_SECRET: secret }),
      ...(port !== undefined && { WRITEBACK_PORT: String(port) }),
    })
    workers.push(worker)
    return worker
  }
  const office: Office = {
    spreadsheetId: name,
    query: async (text, values = []) => (await client.query(text, [...values])).rows,
    person: emulator.human(name),
    calls: () => callsOf(emulator),
    work,
    settled: () => until(`${name} is settled`, async () => (await unsettled(office)) === 0, GIVE_UP_MS),
    async close() {
      await Promise.all(workers.map((worker) => worker.stop()))
      await client.end()
      await emulator.close()
    },
  }
  try {
    await setUpTabs(office, { records, tabs })
    return office
  } catch (error) {
    await office.close()
    throw error
  }
}

/** A worker fills the tabs and goes, as the first one of a deployment does. */
async function setUpTabs(office: Office, { records, tabs }: { records: number; tabs: number }) {
  const worker = office.work()
  await worker.ready
  const rows = (at: number) => {
    try {
      return office.person.see(tabOf(at)).length
    } catch {
      return 0
    }
  }
  const all = () => Array.from({ length: tabs }, (_, at) => rows(at)).every((count) => count === records + 1)
  await until('the tabs are filled', all, GIVE_UP_MS)
  await office.settled()
  await worker.stop()
}

/** A worker that has just started takes the lane with its first batch, which is a call of its own: not of the sample. */
export async function warmUp(office: Office): Promise<void> {
  office.person.act('type', { tab: tabOf(0), cell: 'D2', text: 'first' })
  const has = async () => (await office.query(`select from requests where comment = 'first'`)).length > 0
  await until('the first edit has arrived', has, GIVE_UP_MS)
  await office.settled()
}

async function fill(databaseUrl: string, records: number): Promise<void> {
  const client = openClient(databaseUrl, 1)
  try {
    const data = Array.from({ length: records }, (_, at) => ({
      ...{ reference: `R${at}`, customerName: `Customer ${at}`, passengers: 1 + (at % 9) },
    }))
    await client.request.createMany({ data })
  } finally {
    await client.$disconnect()
  }
}

function callsOf(emulator: Emulator): Calls {
  const { read, write } = emulator.control.calls.counts()
  const failed = read.errors + write.errors
  return { read: read.calls - read.errors, write: write.calls - write.errors, failed }
}

async function unsettled(office: Office): Promise<number> {
  const [row] = await office.query<{ count: string }>(
    `select count(*) from pgboss.job where name = any($1) and state in ('created', 'retry', 'active')`,
    [[QUEUES.writeBack, QUEUES.inbound, QUEUES.reconcile, QUEUES.related]],
  )
  return Number(row?.count)
}
