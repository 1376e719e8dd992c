// The table on the screen: only the rows in sight exist. The scroll bar stands for all rows that are shown.

import { drawCell } from '/page/cell.js'
import { Editor } from '/page/editor.js'
import { editTextOf, textOf } from '/page/rows.js'
import { Selection } from '/page/selection.js'
import { Visible } from '/page/visible.js'

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
  selection
  #tab
  #rows
  #visible = new Visible(0)
  /** Shown rows that do not scroll. */
  #frozen = 1
  #scale = 1
  /** Width of the column of row numbers. */
  #numbers = 46
  #body = []
  #shown = new Map()
  #on
  #dragging = false
  #scroller = document.getElementById('scroller')
  #table = document.getElementById('grid')
  #editor

  /** @param on onSelect(), onEdit(at, text), onClear(), onToggle(row, column), onFilter(column, th), onView(from, to) */
  constructor(on) {
    this.#on = on
    this.#editor = new Editor(document.getElementById('layer'), on.onEdit)
    // Reachable with the keyboard, whose arrows move the selection.
    this.#scroller.tabIndex = 0
    this.#scroller.addEventListener('scroll', () => this.#moved())
    new ResizeObserver(() => this.#tab && this.#moved()).observe(this.#scroller)
    this.#table.addEventListener('mousedown', (event) => this.#press(event))
    this.#table.addEventListener('mouseover', ({ target }) => {
      if (this.#dragging) this.#extendTo(target.closest('td'))
    })
    addEventListener('mouseup', () => {
      this.#dragging = false
    })
    this.#table.addEventListener('dblclick', (event) => this.#edit(event.target.closest('td')))
    this.#scroller.addEventListener('keydown', (event) => this.#key(event))
  }

  get isEditing() {
    return this.#editor.isOpen
  }

  /** Shows a tab, or the same one after a change. */
  resize(tab, same) {
    this.#tab = tab
    this.#visible = new Visible(tab.rowCount, tab.hidden)
    this.#frozen = Math.max(1, this.#visible.positionOf(tab.frozenRows))
    this.#numbers = Math.max(46, 14 + 8 * String(tab.rowCount).length)
    const height = (this.#visible.count + 2) * ROW
    this.#scale = Math.max(1, height / TALLEST)
    document.getElementById('spacer').style.height = `${Math.min(height, TALLEST)}px`
    document.getElementById('spacer').style.width =
      `${this.#numbers + tab.widths.reduce((sum, width) => sum + width, 0)}px`
    if (same) return
    this.#editor.close(true)
    this.#scroller.scrollTop = 0
    this.#shown = new Map()
    this.selection = undefined
  }

  /**
   * The selected cells, and an open editor with them, are somewhere else now.
   * @param place [row, end, column, end), null when they were deleted
   * @returns the text of an editor whose cell was deleted
   */
  follow(place, version) {
    if (!this.selection) return undefined
    if (place === null) {
      this.selection = undefined
      if (!this.#editor.isOpen) return undefined
      const { text } = this.#editor
      this.#editor.close(false)
      return text
    }
    const isOpen = this.#editor.isOpen
    this.selection = this.selection.movedTo(place, version)
    if (isOpen) this.#editor.at = { ...this.selection.anchor, version }
    return undefined
  }

  /** Rows in sight below the frozen ones, as [from, to), in a tab without hidden ones. */
  view() {
    const [from, to] = this.#positions()
    return [this.#visible.rowAt(from), this.#visible.rowAt(Math.max(from, to - 1)) + 1]
  }

  #positions() {
    const fit = Math.ceil(this.#scroller.clientHeight / ROW) - this.#frozen
    const first = this.#frozen + Math.floor((this.#scroller.scrollTop * this.#scale) / ROW)
    const from = Math.max(this.#frozen, Math.min(first, this.#visible.count - fit + 2))
    return [from, Math.min(from + Math.max(fit, 1), this.#visible.count)]
  }

  goTo(row) {
    const position = this.#visible.positionOf(row)
    this.#scroller.scrollTop = ((position - this.#frozen) * ROW) / this.#scale
    const column = this.selection?.anchor.column ?? 0
    this.#selectAt({ row, column })
  }

  /** Draws what is known of the rows in sight. With `flash`, cells whose text changed light up. */
  draw(rows, flash) {
    this.#rows = rows
    const [from, to] = this.#positions()
    const indexes = []
    for (let at = 0; at < Math.min(this.#frozen, this.#visible.count); at++)
      indexes.push(this.#visible.rowAt(at))
    for (let at = from; at < to; at++) indexes.push(this.#visible.rowAt(at))
    this.#prepare(indexes.length)
    const before = this.#shown
    // A row that only moved is no news: its texts were on the screen before.
    const known = flash ? new Set([...before.values()].map((texts) => texts.join('\u0001'))) : undefined
    this.#shown = new Map()
    for (const [i, index] of indexes.entries())
      this.#drawRow(this.#body[i], index, rows.get(index), before.get(index), known)
    if (this.#editor.isOpen) this.#editor.placeAt(this.#cellAt(this.#editor.at))
  }

  #drawRow(tr, index, row, before, known) {
    tr.dataset.row = index
    const isLast = index === this.#visible.rowAt(this.#frozen - 1)
    tr.className = [index < Math.max(1, this.#tab.frozenRows) && 'frozen', isLast && 'last']
      .filter(Boolean)
      .join(' ')
    tr.cells[0].textContent = index + 1
    const { selection } = this
    tr.cells[0].className =
      selection && index >= selection.top && index <= selection.bottom ? 'row selected' : 'row'
    const texts = (row?.c ?? []).map(textOf)
    const moved = known?.has(texts.join('\u0001'))
    for (let column = 0; column < tr.cells.length - 1; column++) {
      const td = tr.cells[column + 1]
      const text = texts[column] ?? ''
      drawCell(td, { cell: row?.c[column], text, row: index, column, tab: this.#tab, selection })
      const flash = known && before && row && !moved && (before[column] ?? '') !== text
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
    const { filter } = this.#tab
    const key = `${count}:${this.#numbers}:${this.#tab.widths.join()}:${JSON.stringify(filter ?? null)}`
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
      else if (filter && column >= filter.at[2] && column < filter.at[3])
        th.append(this.#filterButton(column, th))
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

  #filterButton(column, th) {
    const button = document.createElement('button')
    button.className = this.#tab.filter.hides[column]?.length ? 'filter on' : 'filter'
    button.textContent = '▾'
    button.title = `Filter column ${columnName(column)}`
    button.onclick = () => this.#on.onFilter(column, th)
    return button
  }

  #moved() {
    this.#on.onView(...this.view())
  }

  #placeOf(td) {
    return { row: Number(td.parentElement.dataset.row), column: td.cellIndex - 1 }
  }

  #cellAt({ row, column }) {
    return this.#body.find((each) => Number(each.dataset.row) === row)?.cells[column + 1]
  }

  #press(event) {
    const td = event.target.closest('td')
    if (!td) return
    if (event.target.closest('.box')) {
      event.preventDefault()
      this.#selectAt(this.#placeOf(td))
      this.#on.onToggle()
      return
    }
    if (event.shiftKey && this.selection) this.#extendTo(td)
    else this.#selectAt(this.#placeOf(td))
    this.#dragging = true
  }

  /** A merged cell is selected at its first one, which holds the value. */
  #selectAt({ row, column }) {
    const merge = this.#tab.merges.find(
      ([top, bottom, left, right]) => row >= top && row < bottom && column >= left && column < right,
    )
    const at = merge ? { row: merge[0], column: merge[2] } : { row, column }
    this.#show(new Selection(at, at, this.#rows.versionOf(row)))
  }

  #extendTo(td) {
    if (!td || !this.selection) return
    const corner = this.#placeOf(td)
    const version = Math.min(this.selection.version, this.#rows.versionOf(corner.row))
    this.#show(new Selection(this.selection.anchor, corner, version))
  }

  #show(selection) {
    this.#editor.close(true)
    this.selection = selection
    this.draw(this.#rows, false)
    this.#on.onSelect()
  }

  #edit(td, typed) {
    if (!td || this.#editor.isOpen) return
    const at = this.#placeOf(td)
    if (!this.selection?.has(at.row, at.column)) this.#selectAt(at)
    const cell = this.#rows.get(at.row)?.c[at.column]
    const place = { ...at, version: this.selection.version }
    this.#editor.open(place, td, editTextOf(cell), typed, cell?.o, ({ key }) => {
      if (key !== 'Enter' && key !== 'Tab' && key !== 'Escape') return
      this.#editor.close(key !== 'Escape')
      this.#scroller.focus()
    })
  }

  #key(event) {
    const { selection } = this
    const td = selection && this.#cellAt(selection.anchor)
    if (!selection || event.ctrlKey || event.metaKey || event.altKey) return
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key]
    if (step) {
      const from = this.#cellAt(event.shiftKey ? selection.corner : selection.anchor)
      const row = this.#body[this.#body.indexOf(from?.parentElement) + step[0]]
      const next = row?.cells[(from?.cellIndex ?? 0) + step[1]]
      if (next?.tagName === 'TD') event.shiftKey ? this.#extendTo(next) : this.#selectAt(this.#placeOf(next))
    } else if (event.key === 'Enter' || event.key === 'F2') this.#edit(td)
    else if (event.key === 'Delete' || event.key === 'Backspace') this.#on.onClear()
    else if (event.key === ' ' && td?.querySelector('.box')) this.#on.onToggle()
    else if (event.key.length === 1) this.#edit(td, event.key)
    else return
    event.preventDefault()
  }
}
