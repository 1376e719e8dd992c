import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'
import type { PrismaClient } from '../prisma/generated/client/client.ts'

/** The comparison of a tab with its table. */
export interface Proof {
  readonly tab: string
  readonly records: number
  readonly rows: number
  readonly cells: number
  /** The first differences, in words; none when they agree. */
  readonly differences: readonly string[]
}

type Cell = string | number | boolean | null

/** Days between the sheet's first day, 30 December 1899, and 1970. */
const EPOCH_DAYS = 25_569
const DAY_MS = 86_400_000
const SHOWN = 5

/**
 * Reads tab and table whole and compares them cell by cell. It shares no code with the writer: what it expects of a
 * cell is written down here once more.
 *
 * @param api the Sheets API, as anybody would call it
 */
export async function prove(
  prisma: PrismaClient,
  api: sheets_v4.Sheets,
  spreadsheetId: string,
): Promise<readonly Proof[]> {
  const airports = await prisma.airport.findMany()
  const requests = await prisma.request.findMany({ include: { operator: true, tags: true } })
  return [
    await compare(api, spreadsheetId, 'Airports', 'IATA', {
      IATA: airports.map((a) => a.iata),
      Name: airports.map((a) => a.name),
      City: airports.map((a) => a.city),
      State: airports.map((a) => a.state),
      Country: airports.map((a) => a.country),
      Latitude: airports.map((a) => a.latitude),
      Longitude: airports.map((a) => a.longitude),
    }),
    await compare(api, spreadsheetId, 'Requests', 'ID', {
      ID: requests.map((r) => r.id),
      Reference: requests.map((r) => r.reference),
      Status: requests.map((r) => r.status),
      Customer: requests.map((r) => r.customerName),
      Operator: requests.map((r) => r.operator?.name ?? null),
      Travellers: requests.map((r) => r.passengers),
      Budget: requests.map((r) => (r.budget === null ? null : r.budget.toNumber())),
      Currency: requests.map((r) => r.currency),
      Departure: requests.map((r) => serial(r.departureOn)),
      Confirmed: requests.map((r) => serial(r.confirmedAt)),
      Tags: requests.map(
        (r) =>
          r.tags
            .map((tag) => tag.name)
            .sort()
            .join(', ') || null,
      ),
      Comment: requests.map((r) => r.comment),
    }),
  ]
}

async function compare(
  api: sheets_v4.Sheets,
  spreadsheetId: string,
  tab: string,
  key: string,
  expected: Readonly<Record<string, readonly Cell[]>>,
): Promise<Proof> {
  const { data } = await api.spreadsheets.values.get({
    spreadsheetId,
    range: `'${tab}'`,
    valueRenderOption: 'UNFORMATTED_VALUE',
  })
  const [headers = [], ...rows] = (data.values ?? []) as Cell[][]
  const differences: string[] = []
  const columnOf = (header: string) => headers.indexOf(header)
  const byKey = new Map<string, Cell[]>()
  for (const row of rows) {
    const id = String(row[columnOf(key)] ?? '')
    if (id === '') continue
    if (byKey.has(id)) differences.push(`row ${id} stands twice`)
    byKey.set(id, row)
  }
  const ids = (expected[key] ?? []).map(String)
  let cells = 0
  for (const [at, id] of ids.entries()) {
    const row = byKey.get(id)
    if (row === undefined) {
      differences.push(`record ${id} has no row`)
      continue
    }
    for (const [header, values] of Object.entries(expected)) {
      cells++
      const want = values[at] ?? ''
      const got = row[columnOf(header)] ?? ''
      if (!same(want, got))
        differences.push(`${id}, ${header}: ${JSON.stringify(got)} instead of ${JSON.stringify(want)}`)
    }
  }
  const known = new Set(ids)
  for (const id of byKey.keys()) if (!known.has(id)) differences.push(`row ${id} has no record`)
  return { tab, records: ids.length, rows: byKey.size, cells, differences: firstOf(differences) }
}

/** The first of some differences, and how many more there are. */
export function firstOf(differences: readonly string[]): string[] {
  const shown = differences.slice(0, SHOWN)
  if (differences.length > SHOWN) shown.push(`and ${differences.length - SHOWN} more`)
  return shown
}

/** Dates are numbers with a fraction: a difference below a millisecond is none. */
function same(want: Cell, got: Cell): boolean {
  return typeof want === 'number' && typeof got === 'number' ? Math.abs(want - got) < 1e-8 : want === got
}

function serial(date: Date | null): number | null {
  return date === null ? null : date.getTime() / DAY_MS + EPOCH_DAYS
}
