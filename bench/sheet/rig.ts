import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { pino } from 'pino'
import { DEFAULT_SCHEMAS } from '../../src/config/schemas.ts'
import type { DataModel, ScalarField, ScalarType } from '../../src/model/data-model.ts'
import type { RecordReader } from '../../src/source/record-reader.ts'
import type { SheetTarget } from '../../src/targets/sheet/config/target.ts'
import { createSheetsClient, createSheetWriter, type SheetWriter } from '../../src/targets/sheet/index.ts'
import { startEmbeddedPostgres } from '../../tools/embedded-postgres.ts'
import { applyMigrations } from '../../tools/migrate.ts'
import { openPool } from '../peers/database.ts'

/** Fields of the model that is written: what a booking shows, then texts up to the number of columns. */
const FIELDS: readonly (readonly [string, ScalarType, string | null])[] = [
  ['name', 'String', null],
  ['code', 'String', null],
  ['seats', 'Int', null],
  ['rating', 'Float', null],
  ['open', 'Boolean', null],
  ['leavesOn', 'DateTime', 'Date'],
  ['bookedAt', 'DateTime', 'Timestamptz'],
]

function field([name, type, nativeType]: readonly [string, ScalarType, string | null]): ScalarField {
  return { kind: 'scalar', name, type, column: name, nativeType, isList: false, isRequired: true }
}

/** A model with the given number of fields besides its id. */
function modelOf(columns: number): { dataModel: DataModel; fields: readonly string[] } {
  const more = Array.from(
    { length: Math.max(0, columns - FIELDS.length) },
    (_, at) => [`text${at}`, 'String', null] as const,
  )
  const all = [...FIELDS, ...more].slice(0, columns)
  const fields = Object.fromEntries(
    [['id', 'String', null] as const, ...all].map((one) => [one[0], field(one)]),
  )
  const model = { name: 'Booking', table: 'bookings', schema: null, primaryKey: ['id'], uniques: [], fields }
  return {
    dataModel: { models: { Booking: model }, enums: {}, joinTables: [] },
    fields: all.map(([name]) => name),
  }
}

/** Records made from their number and a version: nothing has to be kept. */
class MadeRecords implements RecordReader {
  version = 1

  async read(_target: SheetTarget, ids: readonly string[]) {
    return { records: new Map(ids.map((id) => [id, this.record(id)])), failed: new Map() }
  }

  record(id: string): Record<string, unknown> {
    const at = Number(id.slice(2))
    const texts = Object.fromEntries(
      Array.from({ length: 13 }, (_, text) => [`text${text}`, `text ${text} of ${at}`]),
    )
    return {
      ...texts,
      id,
      name: `Booking number ${at}`,
      code: String(at).padStart(6, '0'),
      seats: this.version,
      rating: 4.5,
      open: at % 2 === 0,
      leavesOn: new Date(Date.UTC(2026, 0, 1 + (at % 300))),
      bookedAt: new Date(Date.UTC(2026, 0, 1) + at * 1000),
    }
  }
}

/** Id of a record by its number: as long as a cuid. */
export function idOf(at: number): string {
  return `cm${String(at).padStart(22, '0')}`
}

/** A database, a local Sheets API in a process of its own, and a writer. */
export interface Rig {
  readonly api: sheets_v4.Sheets
  readonly apiUrl: string
  readonly records: MadeRecords
  readonly target: SheetTarget
  readonly writer: SheetWriter
  /** Calls that the writer made, and that failed. */
  readonly calls: { read: number; write: number; failed: number }
  /** Writes records; throws if one of them was not written. */
  write(ids: readonly string[]): Promise<void>
  close(): Promise<void>
}

export interface RigOptions {
  readonly columns: number
  readonly latencyMs?: number
  /** Calls a minute that the API allows, reads and writes apart; none without. */
  readonly quota?: number
}

/** A database that rigs share. */
export async function startDatabase(): Promise<{ url: string; stop(): Promise<void> }> {
  const postgres = await startEmbeddedPostgres({ fsync: true })
  await applyMigrations(postgres.url)
  return { url: postgres.url, stop: () => postgres.stop() }
}

let rigs = 0

export async function setUp(databaseUrl: string, options: RigOptions): Promise<Rig> {
  const main = fileURLToPath(new URL('../../packages/sheets-emulator/main.ts', import.meta.url))
  const flags = ['--port', '0', '--latency', String(options.latencyMs ?? 0)]
  if (options.quota !== undefined) flags.push('--quota-per-minute', String(options.quota))
  const emulator = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(emulator.stdout, 'data')) as [Buffer]
  const apiUrl = /http:\/\/\S+/.exec(line.toString())?.[0] ?? ''
  const api = createSheetsClient({ google: null, sheetsApiUrl: apiUrl })
  const { data } = await api.spreadsheets.create({
    requestBody: { properties: { timeZone: 'Europe/Berlin' } },
  })
  const { dataModel, fields } = modelOf(options.columns)
  const spreadsheetId = data.spreadsheetId ?? ''
  const target: SheetTarget = {
    kind: 'sheet',
    lane: spreadsheetId,
    name: `bookings${rigs++}`,
    spreadsheetId,
    tab: 'Bookings',
    model: 'Booking',
    key: 'ID',
    columns: fields.map((name) => ({ header: name, field: name })),
    onDelete: 'remove',
    conflict: 'database-wins',
    onRowDeleted: 'restore',
  }
  const pool = openPool(databaseUrl, { max: 2 })
  const records = new MadeRecords()
  const calls = { read: 0, write: 0, failed: 0 }
  const perMinute = options.quota ?? 1_000_000
  const writer = createSheetWriter({
    sheets: api,
    sql: { query: async (text, values) => (await pool.query(text, values ? [...values] : undefined)).rows },
    databaseUrl,
    schemas: DEFAULT_SCHEMAS,
    dataModel,
    reader: records,
    log: pino({ level: 'silent' }),
    quota: { readsPerMinute: perMinute, writesPerMinute: perMinute },
    quotaUser: target.name,
    holder: 'bench',
    onCall: ({ kind }, failure) => {
      calls[kind]++
      if (failure) calls.failed++
    },
  })
  return {
    api,
    apiUrl,
    records,
    target,
    writer,
    calls,
    async write(ids) {
      const outcomes = await writer.write(target.spreadsheetId, [{ target, ids }])
      for (const outcome of outcomes.get(target.name)?.values() ?? []) {
        if (outcome.status !== 'done') throw new Error(`${outcome.status}: ${outcome.reason}`)
      }
    },
    async close() {
      await writer.close()
      await pool.end()
      emulator.kill()
      await once(emulator, 'exit')
    },
  }
}

/** Writes all records as a worker does: batches of 1,000, four at a time. @returns milliseconds */
export async function drain(rig: Rig, ids: readonly string[]): Promise<number> {
  const started = performance.now()
  let next = 0
  const handler = async () => {
    while (next < ids.length) {
      const batch = ids.slice(next, next + 1_000)
      next += batch.length
      await rig.write(batch)
    }
  }
  await Promise.all([handler(), handler(), handler(), handler()])
  return performance.now() - started
}
