import type { Action } from './action.ts'

/** Rows change their places; nothing is lost. */
export const rowActions: readonly Action[] = [
  {
    kind: 'sort',
    weight: 6,
    act(sheet, random) {
      const order = random.of(['ASCENDING', 'DESCENDING'])
      const dimensionIndex = random.between(0, sheet.width - 1)
      const range = { sheetId: sheet.sheetId, startRowIndex: sheet.headerRow + 1 }
      sheet.apply({ sortRange: { range, sortSpecs: [{ dimensionIndex, sortOrder: order }] } })
      return []
    },
  },
  {
    kind: 'insert rows',
    weight: 3,
    act(sheet, random) {
      const at = random.between(sheet.headerRow + 1, sheet.rows.length)
      sheet.insert('ROWS', at, random.between(1, 3))
      return []
    },
  },
  {
    kind: 'a row of their own',
    weight: 3,
    act(sheet, random) {
      const column = sheet.ownColumn()
      const at = random.between(sheet.headerRow + 1, sheet.rows.length)
      const text = `own row ${random.salt()}`
      sheet.insert('ROWS', at)
      sheet.type(at, column, text)
      return [{ kind: 'own row', target: sheet.tab.target, text }]
    },
  },
  {
    kind: 'move rows',
    weight: 4,
    act(sheet, random) {
      const last = sheet.rows.length - 1
      if (last - sheet.headerRow < 4) return undefined
      const from = random.between(sheet.headerRow + 1, last - 1)
      const before = random.between(sheet.headerRow + 1, last)
      if (before >= from && before <= from + 1) return undefined
      sheet.move('ROWS', from, 1, before)
      return []
    },
  },
  {
    kind: 'delete a row',
    weight: 3,
    act(sheet, random) {
      if (sheet.records.length === 0) return undefined
      const { row, key } = random.of(sheet.records)
      const texts = sheet.rows[row] ?? []
      sheet.remove('ROWS', row)
      return [{ kind: 'row removed', target: sheet.tab.target, key, texts }]
    },
  },
  {
    kind: 'copy a row',
    weight: 2,
    act(sheet, random) {
      if (sheet.records.length === 0) return undefined
      const { row, key } = random.of(sheet.records)
      const { sheetId } = sheet
      sheet.insert('ROWS', row + 1)
      sheet.apply({
        copyPaste: {
          source: { sheetId, startRowIndex: row, endRowIndex: row + 1 },
          destination: { sheetId, startRowIndex: row + 1, endRowIndex: row + 2 },
          pasteType: 'PASTE_NORMAL',
        },
      })
      return [{ kind: 'row copied', target: sheet.tab.target, key, texts: sheet.rows[row] ?? [] }]
    },
  },
  {
    kind: 'hide rows',
    weight: 1,
    act(sheet, random) {
      const at = random.between(sheet.headerRow + 1, sheet.rows.length - 1)
      sheet.apply({
        updateDimensionProperties: {
          range: { sheetId: sheet.sheetId, dimension: 'ROWS', startIndex: at, endIndex: at + 1 },
          properties: { hiddenByUser: random.chance(0.5) },
          fields: 'hiddenByUser',
        },
      })
      return []
    },
  },
]
