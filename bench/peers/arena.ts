import { type Control, startEmulator } from '../../packages/sheets-emulator/index.ts'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../../tools/embedded-postgres.ts'
import { applyMigrations } from '../../tools/migrate.ts'
import { query } from './database.ts'
import { HEADERS, type Peer, type Place, TAB } from './peer.ts'

const TEMPLATE = 'template_peers'

/** One Postgres and one Sheets API, and a place in both for each peer and measurement. */
export interface Arena {
  readonly postgres: EmbeddedPostgres
  /** Faults, latency, quota and counters of the Sheets API. */
  readonly control: Control
  /** Makes a database with `records` airports (R0, R1, ...), a spreadsheet with headers, and installs the peer. */
  open(peer: Peer, purpose: string, options?: PlaceOptions): Promise<Place>
  /** What a person sees in the tab of a place: rows below the headers, as text. */
  rows(place: Place): string[][]
  close(): Promise<void>
}

/** Options of {@link Arena.open}. */
export interface PlaceOptions {
  /** @defaultValue 0 */
  readonly records?: number
  /** @defaultValue null */
  readonly quotaPerMinute?: number | null
}

/** Starts both. */
export async function openArena(): Promise<Arena> {
  const postgres = await startEmbeddedPostgres({ maxConnections: 300 })
  const emulator = await startEmulator()
  const remove: (() => Promise<void>)[] = []
  await applyMigrations(await postgres.createDatabase(TEMPLATE))

  return {
    postgres,
    control: emulator.control,
    async open(peer, purpose, { records = 0, quotaPerMinute = null } = {}) {
      const name = `${peer.name}-${purpose}`.replaceAll('_', '-')
      await query(postgres.url, `create database "${name}" template "${TEMPLATE}"`)
      const databaseUrl = await postgres.createDatabase(name)
      const properties = { title: TAB, gridProperties: { rowCount: 100, columnCount: HEADERS.length } }
      emulator.createSpreadsheet({ sheets: [{ properties }] }, name)
      emulator.human(name).apply([headerRow()])
      const place = { name, databaseUrl, spreadsheetId: name, sheetsApiUrl: emulator.url, quotaPerMinute }
      await peer.remove?.(place)
      await peer.install(place)
      await insertRecords(databaseUrl, records)
      if (peer.remove) remove.push(() => peer.remove?.(place) ?? Promise.resolve())
      return place
    },
    rows: (place) => emulator.human(place.spreadsheetId).see(TAB).slice(1),
    async close() {
      for (const one of remove) await one().catch(() => {})
      await emulator.close()
      await postgres.stop()
    },
  }
}

/** The id of the record with a number. */
export function idOf(at: number): string {
  return `R${at}`
}

/** The ids of the first records. */
export function idsOf(count: number): string[] {
  return Array.from({ length: count }, (_, at) => idOf(at))
}

/** Airports without a change: what follows them is to come from what a measurement does. */
async function insertRecords(databaseUrl: string, count: number): Promise<void> {
  if (count === 0) return
  await query(
    databaseUrl,
    `do $$ begin
       set local session_replication_role = replica;
       insert into airports (iata_code, name, city, country, latitude, longitude)
       select 'R' || at, 'Airport ' || at, 'City ' || at % 997, 'DE', at % 90, at % 180
       from generate_series(0, ${count} - 1) at;
     end $$`,
  )
  await query(databaseUrl, 'vacuum analyze airports')
}

function headerRow() {
  const values = HEADERS.map((header) => ({ userEnteredValue: { stringValue: header } }))
  return {
    updateCells: {
      start: { sheetId: 0, rowIndex: 0, columnIndex: 0 },
      rows: [{ values }],
      fields: 'userEnteredValue',
    },
  }
}
