import type { Action } from './action.ts'

/** Columns change their places, come and go. */
export const columnActions: readonly Action[] = [
  {
    kind: 'insert a column',
    weight: 2,
    act(sheet, random) {
      const at = random.between(0, sheet.width)
      sheet.insert('COLUMNS', at)
      sheet.type(sheet.headerRow, at, `Extra ${random.between(0, 9_999)}`)
      return []
    },
  },
  {
    kind: 'move a column',
    weight: 3,
    act(sheet, random) {
      const from = random.between(0, sheet.width - 1)
      const before = random.between(0, sheet.width)
      if (before >= from && before <= from + 1) return undefined
      sheet.move('COLUMNS', from, 1, before)
      return []
    },
  },
  {
    kind: 'delete a column',
    weight: 1,
    act(sheet, random) {
      const header = random.of(sheet.tab.headers.filter((one) => !sheet.tab.peoplesHeaders.includes(one)))
      const column = sheet.column(header)
      if (column === -1) return undefined
      sheet.remove('COLUMNS', column)
      return [{ kind: 'column gone', target: sheet.tab.target, header }]
    },
  },
  {
    kind: 'rename a header',
    weight: 1,
    act(sheet, random) {
      const header = random.of(sheet.tab.headers.filter((one) => !sheet.tab.peoplesHeaders.includes(one)))
      const column = sheet.column(header)
      if (column === -1) return undefined
      sheet.type(sheet.headerRow, column, `Old ${header} ${random.between(0, 9_999)}`)
      return [{ kind: 'column gone', target: sheet.tab.target, header }]
    },
  },
]
