// What the buttons do, to the selected cells.
const headerRows = ({ tab }) => Math.max(1, tab.frozenRows)

const overlaps = ([top, bottom, left, right], selection) =>
  selection.top < bottom && selection.bottom >= top && selection.left < right && selection.right >= left

export const TOOLS = {
  undo: (page) => page.act('undo'),
  bold: (page) => {
    const bold = page.cellAt(page.selection.anchor)?.s?.b ? null : true
    return page.act('format', { range: page.selectedRange(), bold })
  },
  plain: (page) =>
    page.act('format', { range: page.selectedRange(), bold: null, background: null, color: null }),
  checkbox: (page) => {
    const on = !page.cellAt(page.selection.anchor)?.x
    return page.act('checkbox', { range: page.selectedRange(), on })
  },
  merge: (page) => {
    const merge = page.tab.merges.find((at) => overlaps(at, page.selection))
    if (!merge) return page.act('merge', { range: page.selectedRange() })
    const [top, bottom, left, right] = merge
    return page.act('unmerge', { range: `${page.address(top, left)}:${page.address(bottom - 1, right - 1)}` })
  },
  protect: (page) => {
    const locked = page.tab.locks.some(({ at }) => overlaps(at, page.selection))
    return page.act(locked ? 'unprotect' : 'protect', { range: page.selectedRange() })
  },
  filter: (page) => {
    if (page.tab.filter) return page.act('clearFilter')
    const top = headerRows(page) - 1
    const range = `${page.address(top, 0)}:${page.address(page.tab.rowCount - 1, page.tab.columnCount - 1)}`
    return page.act('filter', { range, column: 'A', hide: [] })
  },
  insertAbove: (page) => page.act('insertRows', { above: page.selection.top + 1 }),
  deleteRow: (page) =>
    page.act('deleteRows', {
      row: page.selection.top + 1,
      count: page.selection.bottom - page.selection.top + 1,
    }),
  copyRow: (page) => page.act('copyRows', { row: page.selection.top + 1, above: page.selection.top + 2 }),
  sortUp: (page) =>
    page.act('sort', {
      column: page.columnName(page.selection.anchor.column),
      headerRows: headerRows(page),
    }),
  sortDown: (page) =>
    page.act('sort', {
      column: page.columnName(page.selection.anchor.column),
      descending: true,
      headerRows: headerRows(page),
    }),
  insertColumn: (page) => page.act('insertColumns', { before: page.columnName(page.selection.left) }),
  deleteColumn: (page) => page.act('deleteColumns', { column: page.columnName(page.selection.left) }),
  history: (page) => page.toggleHistory(),
}
