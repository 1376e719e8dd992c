import type { Emulator, Human } from '../packages/sheets-emulator/index.ts'
import { WritebackError } from '../src/errors.ts'
import type { SheetTarget } from '../src/targets/sheet/config/target.ts'

/** A row as a person sees it: the shown text of each cell, by the header of its column. Empty cells are `''`. */
export type Row = Readonly<Record<string, string>>

/** A cell: its address such as `C2`, or the column of the first row that has these texts. */
export type CellOf = string | { readonly row: Row; readonly column: string }

/** The rows below the header, without those that are empty. None where the tab has not been made. */
export function readRows(emulator: Emulator, target: SheetTarget): Row[] {
  return numberedRows(emulator, target).map(([row]) => row)
}

/** Types text into a cell, as a person does. @throws WritebackError `OPERATION_INVALID` where there is no such cell */
export function typeInto(emulator: Emulator, target: SheetTarget, cell: CellOf, text: string): void {
  const address = typeof cell === 'string' ? cell : addressOf(emulator, target, cell)
  personAt(emulator, target).act('type', { tab: target.tab, cell: address, text })
}

function addressOf(
  emulator: Emulator,
  target: SheetTarget,
  { row, column }: Exclude<CellOf, string>,
): string {
  const wanted = Object.entries(row)
  const rows = numberedRows(emulator, target)
  const [, number] = rows.find(([one]) => wanted.every(([header, text]) => one[header] === text)) ?? []
  const at = headersOf(emulator, target).indexOf(column)
  if (number !== undefined && at >= 0) return `${lettersOf(at)}${number}`
  const wrong = number === undefined ? `row with ${JSON.stringify(row)}` : `column ${JSON.stringify(column)}`
  throw new WritebackError('OPERATION_INVALID', {
    problem: `tab "${target.tab}" has no ${wrong}`,
    expected: 'a cell that is there, with the texts as they are shown',
    got:
      number === undefined
        ? JSON.stringify(rows.map(([one]) => one))
        : `columns ${headersOf(emulator, target).join(', ')}`,
    remedy:
      'Drain the queue first, if the row is still to be written; a column of your own begins with its header: type(target, "E1", "Note")',
  })
}

function numberedRows(emulator: Emulator, target: SheetTarget): [row: Row, number: number][] {
  const [headers = [], ...lines] = see(emulator, target)
  return lines
    .map((cells, index): [Row, number] => [
      Object.fromEntries(headers.flatMap((header, at) => (header === '' ? [] : [[header, cells[at] ?? '']]))),
      index + 2,
    ])
    .filter(([row]) => Object.values(row).some((text) => text !== ''))
}

function headersOf(emulator: Emulator, target: SheetTarget): string[] {
  return see(emulator, target)[0] ?? []
}

function see(emulator: Emulator, target: SheetTarget): string[][] {
  const { tabs } = emulator.control.spreadsheets.find(target.spreadsheetId)
  if (!tabs.some(({ meta }) => meta.title === target.tab)) return []
  return personAt(emulator, target).see(target.tab)
}

function personAt(emulator: Emulator, { spreadsheetId }: SheetTarget): Human {
  return emulator.human(spreadsheetId)
}

function lettersOf(index: number): string {
  const last = String.fromCharCode(65 + (index % 26))
  return index < 26 ? last : lettersOf(Math.floor(index / 26) - 1) + last
}
