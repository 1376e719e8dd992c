import type { TortureTab } from '../spreadsheets.ts'
import type { Action } from './action.ts'

/** Columns in which what people type does not stand. */
const librarysHeaders = ({ headers, peoplesHeaders, writableHeaders }: TortureTab) =>
  headers.filter((one) => !peoplesHeaders.includes(one) && !writableHeaders.includes(one))

/** What people type. Every text is like no other, so that it can be found again. */
export const typingActions: readonly Action[] = [
  {
    kind: 'a remark',
    weight: 8,
    act(sheet, random) {
      const column = sheet.ownColumn()
      if (sheet.records.length === 0) return undefined
      const { row, key } = random.of(sheet.records)
      const text = `remark ${random.salt()}`
      sheet.type(row, column, text)
      return [{ kind: 'remark', target: sheet.tab.target, key, text }]
    },
  },
  {
    kind: 'type over the library',
    weight: 4,
    suits: (tab) => librarysHeaders(tab).length > 0,
    act(sheet, random) {
      const header = random.of(librarysHeaders(sheet.tab))
      const column = sheet.column(header)
      if (column === -1 || sheet.records.length === 0) return undefined
      const { row, key } = random.of(sheet.records)
      const value = `typed ${random.salt()}`
      sheet.type(row, column, value)
      return [{ kind: 'typed', target: sheet.tab.target, key, header, value }]
    },
  },
  {
    kind: 'type where their value stands',
    weight: 5,
    suits: (tab) => tab.peoplesHeaders.length > 0,
    act(sheet, random) {
      if (sheet.records.length === 0) return undefined
      const header = random.of(sheet.tab.peoplesHeaders)
      const column = sheet.column(header)
      if (column === -1) return undefined
      const { row, key } = random.of(sheet.records)
      const value = header === 'Rating' ? 1000 + random.between(0, 99_999) / 10 : `typed ${random.salt()}`
      sheet.type(row, column, value)
      return [{ kind: 'typed', target: sheet.tab.target, key, header, value }]
    },
  },
]

/** What people do to the tab itself. */
export const tabActions: readonly Action[] = [
  {
    kind: 'rename the tab',
    weight: 2,
    act(sheet, random) {
      const title = `${sheet.tab.title} ${random.between(2, 99)}`
      sheet.apply({
        updateSheetProperties: { properties: { sheetId: sheet.sheetId, title }, fields: 'title' },
      })
      return []
    },
  },
  {
    kind: 'freeze rows',
    weight: 1,
    act(sheet, random) {
      const gridProperties = { frozenRowCount: random.between(0, 2) }
      const properties = { sheetId: sheet.sheetId, gridProperties }
      sheet.apply({ updateSheetProperties: { properties, fields: 'gridProperties.frozenRowCount' } })
      return []
    },
  },
  {
    kind: 'filter',
    weight: 1,
    act(sheet, random) {
      const range = {
        sheetId: sheet.sheetId,
        startRowIndex: sheet.headerRow,
        endRowIndex: sheet.rows.length,
        startColumnIndex: 0,
        endColumnIndex: sheet.width,
      }
      sheet.apply(
        random.chance(0.5)
          ? { setBasicFilter: { filter: { range } } }
          : { clearBasicFilter: { sheetId: sheet.sheetId } },
      )
      return []
    },
  },
]
