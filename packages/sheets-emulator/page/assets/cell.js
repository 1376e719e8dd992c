// One cell of the table, as it is drawn.

/** @param what { cell, text, row, column, tab, selection } */
export function drawCell(td, { cell, text, row, column, tab, selection }) {
  if (cell?.x) drawBox(td, text === 'TRUE')
  else if (td.textContent !== text || td.firstElementChild) td.textContent = text
  const merge = tab.merges.find((at) => isIn(at, row, column))
  const lock = tab.locks.find(({ at }) => isIn(at, row, column))
  const isAnchor = selection?.anchor.row === row && selection.anchor.column === column
  td.className = [
    cell?.k,
    cell?.note && 'note',
    lock && 'locked',
    cell?.o && 'choice',
    merge && (merge[0] === row && merge[2] === column ? 'merge' : 'merged'),
    merge && column < merge[3] - 1 && 'open-right',
    merge && row < merge[1] - 1 && 'open-below',
    isAnchor && 'selected',
    selection && selection.cells > 1 && selection.has(row, column) && 'range',
  ]
    .filter(Boolean)
    .join(' ')
  td.title = [cell?.note, lock && `Protected${lock.text && `: ${lock.text}`}`].filter(Boolean).join('\n')
  td.style.fontWeight = cell?.s?.b ? '700' : ''
  td.style.backgroundColor = cell?.s?.bg ?? ''
  td.style.color = cell?.s?.fg ?? ''
}

function drawBox(td, checked) {
  let box = td.querySelector('.box')
  if (!box) {
    box = document.createElement('span')
    box.className = 'box'
    box.setAttribute('role', 'checkbox')
    td.replaceChildren(box)
  }
  box.textContent = checked ? '☑' : '☐'
  box.setAttribute('aria-checked', String(checked))
}

function isIn([top, bottom, left, right], row, column) {
  return row >= top && row < bottom && column >= left && column < right
}
