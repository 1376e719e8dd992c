// The page of a spreadsheet: shows the rows in sight, follows changes, and lets a person edit.
import { fromText, toText } from '/page/clipboard.js'
import { openFilter } from '/page/filter.js'
import { columnName, Grid } from '/page/grid.js'
import { sentence, showHistory } from '/page/history.js'
import { editTextOf, Rows, textOf } from '/page/rows.js'
import { TOOLS } from '/page/tools.js'

const id = location.pathname
  .split('/')
  .filter((part) => part !== '' && !['spreadsheets', 'd', 'edit', 'view'].includes(part))[0]
const base = `/page/spreadsheets/${encodeURIComponent(id)}`
const element = (name) => document.getElementById(name)

let data
let tab
let rows
let firstVersion
const grid = new Grid({
  onSelect: showSelected,
  onEdit: ({ row, column, version }, text) => act('type', { cell: address(row, column), text }, version),
  onClear: () => act('clear', { range: selectedRange() }),
  onToggle: () => {
    const { row, column } = grid.selection.anchor
    const checked = textOf(rows.get(row)?.c[column]) === 'TRUE'
    act('type', { cell: address(row, column), text: checked ? 'FALSE' : 'TRUE' })
  },
  onFilter: chooseShown,
  onView: load,
})

function address(row, column) {
  return `${columnName(column)}${row + 1}`
}

function selectedRange() {
  const { top, left, bottom, right } = grid.selection
  return `${address(top, left)}:${address(bottom, right)}`
}

/**
 * Does something as a person, to the cells as they were in `asOf`: where they are now is for the server to say.
 * Says so when it is refused.
 */
async function act(action, args = {}, asOf = grid.selection?.version) {
  const response = await fetch('/control/human', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      spreadsheetId: id,
      action,
      by: element('name').value.trim() || 'Somebody',
      ...(asOf !== undefined && { asOf }),
      ...(action !== 'undo' && { tab: tab.sheetId, ...args }),
    }),
  })
  const answer = await response.json()
  if (!response.ok) problem(`${answer.error.message}${args.text ? ` What you typed: ${args.text}` : ''}`)
  else if (answer.undone?.includes(';')) problem(answer.undone)
}

let hideProblem
function problem(text) {
  element('problem').textContent = text
  element('problem').hidden = false
  clearTimeout(hideProblem)
  hideProblem = setTimeout(() => {
    element('problem').hidden = true
  }, 8000)
}

let asked = 0
async function showSelected() {
  const { selection } = grid
  for (const button of document.querySelectorAll('.tools button:not([data-always])'))
    button.disabled = !selection
  if (!selection) {
    for (const name of ['address', 'content', 'changed']) element(name).textContent = ''
    return
  }
  const { row, column } = selection.anchor
  const cell = rows.get(row)?.c[column]
  element('address').textContent = selection.cells > 1 ? selectedRange() : address(row, column)
  element('content').textContent = cell?.f ?? editTextOf(cell)
  const mine = ++asked
  const response = await fetch(`${base}/history?sheet=${tab.sheetId}&row=${row}&column=${column}`)
  if (mine !== asked || !response.ok) return
  const { cell: last } = await response.json()
  element('changed').textContent = last ? sentence(last) : ''
}

function showTabs() {
  const buttons = data.tabs.map((each) => {
    const button = document.createElement('button')
    button.textContent = each.title
    button.className = [each === tab && 'current', each.isHidden && 'hidden-tab'].filter(Boolean).join(' ')
    button.onclick = () => open(each.sheetId)
    button.ondblclick = () => {
      const title = prompt('Name of the tab', each.title)
      if (title !== null && title !== each.title) act('renameTab', { title })
    }
    return button
  })
  element('tabs').replaceChildren(...buttons)
  const hidden = tab.hidden.reduce((sum, [from, to]) => sum + to - from, 0)
  element('rows').textContent =
    `${tab.filledRows.toLocaleString('en')} filled of ${tab.rowCount.toLocaleString('en')} rows${hidden ? `, ${hidden.toLocaleString('en')} hidden` : ''}`
  element('title').textContent = data.title
  document.title = data.title
}

async function refresh() {
  const { selection } = grid
  const response = await fetch(selection ? `${base}?sheet=${tab.sheetId}&${selection.query}` : base)
  if (!response.ok) return problem('This spreadsheet is no longer here.')
  data = await response.json()
  const wanted = tab?.sheetId ?? Number(new URLSearchParams(location.hash.slice(1)).get('gid') ?? Number.NaN)
  const next = data.tabs.find((each) => each.sheetId === wanted) ?? data.tabs.find((each) => !each.isHidden)
  if (!rows || next.sheetId !== tab?.sheetId) rows = new Rows(base, next.sheetId)
  const same = next.sheetId === tab?.sheetId
  tab = next
  showTabs()
  rows.expire()
  grid.resize(tab, same)
  // What was selected meanwhile is of a newer version, and is followed with the next change.
  if (same && selection && selection === grid.selection) {
    const lost = grid.follow(data.place, data.version)
    if (lost !== undefined) problem(`The row that you were typing in was deleted. What you typed: ${lost}`)
  }
  await load(...grid.view(), same)
  if (!element('history').hidden) await showEntries()
}

function open(sheetId) {
  if (sheetId === tab.sheetId) return
  history.replaceState(null, '', `#gid=${sheetId}`)
  tab = { ...tab, sheetId }
  rows = undefined
  grid.selection = undefined
  refresh()
}

async function load(from, to, flash = false) {
  const source = rows
  grid.draw(source, false)
  await source.load(0, Math.max(1, tab.frozenRows))
  await source.load(from, to)
  if (source !== rows) return
  grid.draw(source, flash)
  showSelected()
}

async function showEntries() {
  const response = await fetch(`${base}/history`)
  if (response.ok) showHistory(element('entries'), (await response.json()).entries)
}

async function chooseShown(column, th) {
  const [top, bottom, left, right] = tab.filter.at
  const { version } = data
  const response = await fetch(`${base}/texts?sheet=${tab.sheetId}&column=${column}&below=${top + 1}`)
  const { texts } = await response.json()
  openFilter(th, texts, tab.filter.hides[column] ?? [], (hide) =>
    act(
      'filter',
      {
        range: `${address(top, left)}:${address(bottom - 1, right - 1)}`,
        column: columnName(column),
        hide,
      },
      version,
    ),
  )
}

const page = {
  act,
  address,
  selectedRange,
  columnName,
  get selection() {
    return grid.selection
  },
  get tab() {
    return tab
  },
  cellAt: ({ row, column }) => rows.get(row)?.c[column],
  toggleHistory() {
    element('history').hidden = !element('history').hidden
    return showEntries()
  },
}
for (const button of document.querySelectorAll('.tools button')) {
  button.disabled = !('always' in button.dataset)
  button.onclick = () => TOOLS[button.dataset.act](page)
}
for (const name of ['background', 'color']) {
  element(name).onchange = ({ target }) =>
    grid.selection && act('format', { range: selectedRange(), [name]: target.value })
}
element('goto').onchange = (event) => grid.goTo(Number(event.target.value) - 1)
element('name').value = localStorage.getItem('name') ?? 'Somebody'
element('name').onchange = ({ target }) => localStorage.setItem('name', target.value)

const inField = (target) => target.matches?.('input, textarea')
addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || inField(event.target)) return
  const tool = { z: 'undo', b: 'bold' }[event.key.toLowerCase()]
  if (!tool) return
  event.preventDefault()
  if (tool === 'undo' || grid.selection) TOOLS[tool](page)
})
for (const kind of ['copy', 'cut']) {
  addEventListener(kind, (event) => {
    if (inField(event.target) || !grid.selection) return
    const { top, bottom, left, right } = grid.selection
    const texts = []
    for (let row = top; row <= bottom; row++) {
      const cells = rows.get(row)?.c
      if (!cells) return problem('Not all of these rows are here yet. Scroll through them, or select fewer.')
      texts.push(Array.from({ length: right - left + 1 }, (_, i) => editTextOf(cells[left + i])))
    }
    event.clipboardData.setData('text/plain', toText(texts))
    event.preventDefault()
    if (kind === 'cut') act('clear', { range: selectedRange() })
  })
}
addEventListener('paste', (event) => {
  if (inField(event.target) || !grid.selection) return
  event.preventDefault()
  const { top, left } = grid.selection
  const texts = fromText(event.clipboardData.getData('text/plain'))
  act('paste', { cell: address(top, left), rows: texts })
})

// One refresh at a time; changes that arrive meanwhile need one more.
let refreshing
let again = false
function follow() {
  if (refreshing) {
    again = true
    return
  }
  refreshing = refresh()
    .catch((error) => problem(String(error)))
    .finally(() => {
      refreshing = undefined
      if (again) {
        again = false
        follow()
      }
    })
}

const events = new EventSource(`${base}/events`)
events.onmessage = ({ data: text }) => {
  const { version } = JSON.parse(text)
  firstVersion ??= version
  element('live').textContent = 'live'
  element('live').classList.add('on')
  const seen = version - firstVersion
  element('changes').textContent =
    seen > 0 ? `${seen.toLocaleString('en')} ${seen === 1 ? 'change' : 'changes'} since you opened it` : ''
  follow()
}
events.onerror = () => {
  element('live').textContent = 'waiting for the emulator'
  element('live').classList.remove('on')
}
