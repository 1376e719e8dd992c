import type { TortureDatabase } from '../stage/database.ts'
import type { Cell } from '../stage/sheets.ts'

/*
 * What every row should show, said once more in SQL and by hand: nothing here comes from the library. A date is the
 * number of days since 30 December 1899; a number of more than 15 digits is text, as a sheet would round it.
 */

/** Cells by header. */
export type Row = Readonly<Record<string, Cell>>

const SERIAL_OF_1970 = 25_569

const serial = (column: string) => `extract(epoch from ${column})::float8 / 86400 + ${SERIAL_OF_1970}`

/** One query per target: `key`, then a column for each header. Names of statuses are Prisma's. */
const QUERIES: Readonly<Record<string, string>> = {
  requests: `
    select r.id as key, r.reference as "Reference", upper(r.status::text) as "Status", r.customer_name as "Customer",
      o.display_name as "Operator", r.passengers::int as "Travellers", r.budget::text as "Budget",
      ${serial('r.departure_on')} as "Departure", ${serial('r.confirmed_at')} as "Confirmed",
      array(select t.name from "_RequestToTag" j join tags t on t.id = j."B" where j."A" = r.id) as "Tags",
      r.comment as "Comment"
    from requests r left join operators o on o.operator_id = r.operator_id`,
  items: `
    select request_id || '|' || position as key, title as "Title", upper(kind::text) as "Kind", price::text as "Price",
      ${serial('starts_at')} as "Starts"
    from request_items`,
  operators: `
    select operator_id::text as key, operator_code as "Code", display_name as "Name",
      commission_rate::text as "Commission", rating as "Rating", active as "Active", languages as "Languages",
      legacy_id::text as "Ledger", ${serial('founded_on')} as "Founded", settings as "Settings"
    from operators`,
  revenue: `
    select id::text as key, kind::text as "Kind", amount::text as "Amount", "exchangeRate" as "Rate",
      "minorUnits"::text as "Minor units", ${serial('"accountingOn"')} as "Day", ${serial('"bookedAt"')} as "Booked",
      settled as "Settled", meta as "Meta"
    from "Revenue"`,
  notes: `
    select id::text as key, request_id as "Request", author as "Author", body as "Text", pinned as "Pinned"
    from notes where author <> 'hidden'`,
  desk: `
    select id::text as key, request_id as "Request", author as "Author", body as "Text", pinned as "Pinned"
    from notes`,
}

/** Headers whose values come as text because JavaScript would round them. */
const DECIMALS = new Set(['Budget', 'Price', 'Commission', 'Ledger', 'Amount', 'Minor units'])
const LISTS: Readonly<Record<string, 'sorted' | 'as it is'>> = { Tags: 'sorted', Languages: 'as it is' }
const JSONS = new Set(['Settings', 'Meta'])

/** Digits that a sheet keeps. */
const EXACT_DIGITS = 15

/** What the rows of a target should show, by key. */
export async function expectedRows(database: TortureDatabase, target: string): Promise<Map<string, Row>> {
  const rows = await database.query<Record<string, unknown>>(QUERIES[target] ?? '')
  return new Map(
    rows.map(({ key, ...values }) => [
      String(key),
      Object.fromEntries(Object.entries(values).map(([header, value]) => [header, cellOf(header, value)])),
    ]),
  )
}

function cellOf(header: string, value: unknown): Cell {
  if (value === null || value === undefined) return null
  if (DECIMALS.has(header)) return decimal(String(value))
  const order = LISTS[header]
  if (order) {
    const items = [...(value as string[])]
    return (order === 'sorted' ? items.sort() : items).join(', ') || null
  }
  if (JSONS.has(header)) return JSON.stringify(value)
  return value as Cell
}

function decimal(text: string): Cell {
  const plain = text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text
  const digits = plain.replace(/[-.]/g, '').replace(/^0+/, '')
  return digits.replace(/0+$/, '').length > EXACT_DIGITS ? plain : Number(plain)
}

/** Whether a cell shows what it should: an empty text is an empty cell, dates are fractions. */
export function sameCell(expected: Cell | undefined, found: Cell | undefined): boolean {
  const a = expected === '' || expected === undefined ? null : expected
  const b = found === '' || found === undefined ? null : found
  return typeof a === 'number' && typeof b === 'number' ? Math.abs(a - b) < 1e-8 : a === b
}
