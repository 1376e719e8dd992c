import type { Random } from '../random.ts'
import type { TortureTab } from '../spreadsheets.ts'
import { requestIds } from '../writes/write.ts'
import type { Action } from './action.ts'
import type { Fact } from './facts.ts'
import type { PersonalSheet } from './personal-sheet.ts'

const suits = ({ writableHeaders }: TortureTab) => writableHeaders.length > 0

/** Rows that are pasted at once. */
const PASTED = [2, 6] as const

/** What people do in a tab that they work in: it reaches the records. */
export const editActions: readonly Action[] = [
  {
    kind: 'edit a cell',
    weight: 16,
    suits,
    act(sheet, random) {
      const found = cellToWrite(sheet, random)
      if (!found) return undefined
      const { row, column, ...cell } = found
      const value =
        cell.header === 'Pinned'
          ? random.chance(0.5)
          : cell.header === 'Request'
            ? random.of(requestIds)
            : `edit ${random.salt()}`
      sheet.type(row, column, value)
      return [{ kind: 'edit', ...cell, value }]
    },
  },
  {
    kind: 'type nonsense',
    weight: 4,
    suits,
    act(sheet, random) {
      const found = cellToWrite(sheet, random)
      // An author may be called anything.
      if (!found || found.header === 'Author') return undefined
      const { row, column, ...cell } = found
      const value = `nonsense ${random.salt()}`
      sheet.type(row, column, value)
      return [{ kind: 'nonsense', ...cell, value }]
    },
  },
  {
    kind: 'add a row',
    weight: 6,
    suits,
    act(sheet, random) {
      const at = random.chance(0.5) ? sheet.rows.length : sheet.headerRow + 1
      sheet.insert('ROWS', at)
      return addRow(sheet, random, at, random.chance(0.7))
    },
  },
  {
    kind: 'complete a row',
    weight: 6,
    suits,
    act(sheet, random) {
      const [key, request, author] = ['ID', 'Request', 'Author'].map((header) => sheet.column(header))
      if (key === undefined || request === undefined || author === undefined || request === -1)
        return undefined
      const row = sheet.rows.findIndex((cells) => !cells[key] && !cells[request] && isNew(cells[author]))
      if (row === -1) return undefined
      sheet.type(row, request, random.of(requestIds))
      return []
    },
  },
  {
    kind: 'paste rows',
    weight: 2,
    suits,
    act(sheet, random) {
      const count = random.between(...PASTED)
      const at = sheet.rows.length
      sheet.insert('ROWS', at, count)
      const facts: Fact[] = []
      for (let row = at; row < at + count; row++) facts.push(...(addRow(sheet, random, row, true) ?? []))
      return facts.length > 0 ? facts : undefined
    },
  },
]

function isNew(author: string | undefined): boolean {
  return author?.startsWith('new ') ?? false
}

/** A cell that people may write, in the row of a record. */
function cellToWrite(sheet: PersonalSheet, random: Random) {
  const header = random.of(sheet.tab.writableHeaders)
  const column = sheet.column(header)
  if (column === -1 || sheet.records.length === 0) return undefined
  const { row, key } = random.of(sheet.records)
  return { target: sheet.tab.target, key, header, row, column }
}

/** Types a new record's row: without its request it is not complete. */
function addRow(
  sheet: PersonalSheet,
  random: Random,
  row: number,
  isComplete: boolean,
): readonly Fact[] | undefined {
  const author = `new ${random.salt()}`
  const cells: Record<string, string | boolean> = {
    Author: author,
    Text: `edit ${random.salt()}`,
    ...(isComplete && { Request: random.of(requestIds), Pinned: random.chance(0.5) }),
  }
  if (Object.keys(cells).some((header) => sheet.column(header) === -1)) return undefined
  for (const [header, value] of Object.entries(cells)) sheet.type(row, sheet.column(header), value)
  return [{ kind: 'new row', target: sheet.tab.target, author }]
}
