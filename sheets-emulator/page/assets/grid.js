// The table on the screen: only the rows in sight exist. The scroll bar stands for all rows.
import { textOf } from '/page/rows.js'

const ROW = 22
/** Browsers end elements at some 16 million pixels; longer tabs scroll several rows a pixel. */
const TALLEST = 12_000_000
const MOST_COLUMNS = 200

/** `A`, `Z`, `AA` for a column counted from 0. */
export function columnName(index) {
  let name = ''
  for (let rest = index + 1; rest > 0; rest = Math.floor((rest - 1) / 26))
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name
  return name
}

export class Grid {
  selected
  #tab
  #frozen = 1
  #scale = 1
  /** Width of the column of row numbers. */
  #numbers = 46
  #body = []
  #shown = new Map()
  #on
  #scroller = document.getElementById('scroller')
  #table = document.getElementById('grid')

  /** @param on onSelect(row, column), onEdit(row, column, text), onView(from, to) */
  constructor(on) {
    this.#on = on
    // Reachable with the keyboard, whose arrows move the selection.
    this.#scroller.tabIndex = 0
    this.#scroller.addEventListener('scroll', () => this.#moved())
    new ResizeObserver(() => this.#tab && this.#moved()).observe(this.#scroller)
    this.#table.addEventListener('mousedown', (event) => this.#select(event.target.closest('td')))
    this.#table.addEventListener('dblclick', (event) => this.#edit(event.target.closest('td')))
    this.#scroller.addEventListener('keydown', (event) => this.#key(event))
  }

  /** Shows a tab, or the same one after a change. */
  resize(tab, same) {
    this.#tab = tab
    this.#frozen = Math.max(1, tab.frozenRows)
    this.#numbers = Math.max(46, 14 + 8 * String(tab.rowCount).length)
    const height = (tab.rowCount + 2) * ROW
    this.#scale = Math.max(1, height / TALLEST)
    document.getElementById('spacer').style.height = `${Math.min(height, TALLEST)}px`
    document.getElementById('spacer').style.width =
      `${this.#numbers + tab.widths.reduce((sum, width) => sum + width, 0)}px`
    if (same) return
    this.#scroller.scrollTop = 0
    this.#shown = new Map()
    this.selected = undefined
  }

  /** Rows in sight below the frozen ones, as [from, to). */
  view() {
    const fit = Math.ceil(this.#scroller.clientHeight / ROW) - this.#frozen
    const first = this.#frozen + Math.floor((this.#scroller.scrollTop * this.#scale) / ROW)
    const from = Math.max(this.#frozen, Math.min(first, this.#tab.rowCount - fit + 2))
    return [from, Math.min(from + Math.max(fit, 1), this.#tab.rowCount)]
  }

  goTo(row) {
    this.#scroller.scrollTop = ((row - this.#frozen) * ROW) / this.#scale
    this.selected = { row, column: this.selected?.column ?? 0 }
  }

  /** Draws what is known of the rows in sight. With `flash`, cells whose text changed light up. */
  draw(rows, flash) {
    const editing = this.#table.querySelector('td.editing')
    if (editing) return
    const [from, to] = this.view()
    const indexes = [...Array(Math.min(this.#frozen, this.#tab.rowCount)).keys()]
    for (let row = from; row < to; row++) indexes.push(row)
    this.#prepare(indexes.length)
    const before = this.#shown
    // A row that only moved is no news: its texts were on the screen before.
    const known = flash ? new Set([...before.values()].map((texts) => texts.join('\u0001'))) : undefined
    this.#shown = new Map()
    for (const [i, index] of indexes.entries())
      this.#drawRow(this.#body[i], index, rows.get(index), before.get(index), known)
  }

  #drawRow(tr, index, row, before, known) {
    tr.dataset.row = index
    tr.className = [
      index < this.#frozen && 'frozen',
      index === this.#frozen - 1 && 'last',
      row?.h && 'hidden-row',
    ]
      .filter(Boolean)
      .join(' ')
    tr.cells[0].textContent = index + 1
    tr.cells[0].className = this.selected?.row === index ? 'row selected' : 'row'
    const texts = (row?.c ?? []).map(textOf)
    const moved = known?.has(texts.join('\u0001'))
    for (let column = 0; column < tr.cells.length - 1; column++) {
      const td = tr.cells[column + 1]
      const cell = row?.c[column]
      const text = texts[column] ?? ''
      if (td.textContent !== text) td.textContent = text
      const selected = this.selected?.row === index && this.selected.column === column
      const flash = known && before && row && !moved && (before[column] ?? '') !== text
      td.className = [cell?.k, cell?.note && 'note', selected && 'selected'].filter(Boolean).join(' ')
      td.title = cell?.note ?? ''
      if (flash) {
        // Reading the width restarts an animation that is under way.
        void td.offsetWidth
        td.classList.add('flash')
      }
    }
    if (row) this.#shown.set(index, texts)
  }

  /** Makes the table fit: column letters, and as many rows as are in sight. */
  #prepare(count) {
    const columns = Math.min(this.#tab.columnCount, MOST_COLUMNS)
    const key = `${count}:${this.#numbers}:${this.#tab.widths.join()}`
    if (this.#table.dataset.key === key) return
    this.#table.dataset.key = key
    const groups = document.createElement('colgroup')
    for (const width of [this.#numbers, ...this.#tab.widths]) {
      const col = document.createElement('col')
      col.style.width = `${width}px`
      groups.append(col)
    }
    const head = document.createElement('tr')
    for (let column = -1; column < columns; column++) {
      const th = document.createElement('th')
      th.textContent = column < 0 ? '' : columnName(column)
      if (column < 0) th.className = 'corner'
      head.append(th)
    }
    this.#body = Array.from({ length: count }, () => {
      const tr = document.createElement('tr')
      tr.append(document.createElement('th'))
      for (let column = 0; column < columns; column++) tr.append(document.createElement('td'))
      return tr
    })
    this.#table.style.width = `${this.#numbers + this.#tab.widths.reduce((sum, width) => sum + width, 0)}px`
    this.#table.replaceChildren(groups, head, ...this.#body)
  }

  #moved() {
    this.#on.onView(...this.view())
  }

  #place(td) {
    return { row: Number(td.parentElement.dataset.row), column: td.cellIndex - 1 }
  }

  #select(td) {
    if (!td || td.classList.contains('editing')) return
    this.selected = this.#place(td)
    for (const each of this.#table.querySelectorAll('.selected')) each.classList.remove('selected')
    td.classList.add('selected')
    td.parentElement.cells[0].classList.add('selected')
    this.#on.onSelect(this.selected.row, this.selected.column)
  }

  #selectedCell() {
    const tr = this.selected && this.#body.find((each) => Number(each.dataset.row) === this.selected.row)
    return tr?.cells[this.selected.column + 1]
  }

  #edit(td, text) {
    if (!td || td.classList.contains('editing')) return
    this.#select(td)
    const { row, column } = this.#place(td)
    const old = td.textContent
    const input = document.createElement('input')
    input.value = text ?? (document.getElementById('content').textContent || old)
    td.replaceChildren(input)
    td.classList.add('editing')
    let open = true
    const close = (keep) => {
      if (!open) return
      open = false
      td.classList.remove('editing')
      td.textContent = keep ? input.value : old
      if (keep) this.#on.onEdit(row, column, input.value)
      this.#scroller.focus()
    }
    input.onkeydown = (event) => {
      event.stopPropagation()
      if (event.key === 'Enter' || event.key === 'Tab') close(true)
      if (event.key === 'Escape') close(false)
    }
    input.onblur = () => close(input.value !== old)
    input.focus()
    if (text === undefined) input.select()
  }

  #key(event) {
    const td = this.#selectedCell()
    if (!td || event.ctrlKey || event.metaKey) return
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
    if (step) {
      const row = this.#body[this.#body.indexOf(td.parentElement) + step[0]]
      const next = row?.cells[td.cellIndex + step[1]]
      if (next?.tagName === 'TD') this.#select(next)
    } else if (event.key === 'Enter' || event.key === 'F2') this.#edit(td)
    else if (event.key === 'Delete' || event.key === 'Backspace')
      this.#on.onEdit(this.selected.row, this.selected.column, '')
    else if (event.key.length === 1) this.#edit(td, event.key)
    else return
    event.preventDefault()
  }
}
