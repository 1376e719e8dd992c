// The page of a spreadsheet: shows the rows in sight, follows changes, and lets a person edit.
import { columnName, Grid } from '/page/grid.js'
import { Rows, textOf } from '/page/rows.js'

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
  onSelect: select,
  onEdit: (row, column, text) => act('type', { cell: address(row, column), text }),
  onView: load,
})

function address(row, column) {
  return `${columnName(column)}${row + 1}`
}

/** Does something as a person; says so when it is refused. */
async function act(action, args) {
  const response = await fetch('/control/human', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ spreadsheetId: id, action, tab: tab.sheetId, ...args }),
  })
  if (!response.ok) problem((await response.json()).error.message)
}

let hideProblem
function problem(text) {
  element('problem').textContent = text
  element('problem').hidden = false
  clearTimeout(hideProblem)
  hideProblem = setTimeout(() => {
    element('problem').hidden = true
  }, 6000)
}

function select(row, column) {
  const cell = rows.get(row)?.c[column]
  element('address').textContent = address(row, column)
  element('content').textContent = cell?.f ?? textOf(cell)
  for (const button of document.querySelectorAll('.tools button')) button.disabled = false
}

function showTabs() {
  const buttons = data.tabs.map((each) => {
    const button = document.createElement('button')
    button.textContent = each.title
    button.className = [each === tab && 'current', each.hidden && 'hidden-tab'].filter(Boolean).join(' ')
    button.onclick = () => open(each.sheetId)
    button.ondblclick = () => {
      const title = prompt('Name of the tab', each.title)
      if (title !== null && title !== each.title) act('renameTab', { title })
    }
    return button
  })
  element('tabs').replaceChildren(...buttons)
  element('rows').textContent =
    `${tab.filledRows.toLocaleString('en')} filled of ${tab.rowCount.toLocaleString('en')} rows`
  element('title').textContent = data.title
  document.title = data.title
}

async function refresh() {
  const response = await fetch(base)
  if (!response.ok) return problem('This spreadsheet is no longer here.')
  data = await response.json()
  const wanted = tab?.sheetId ?? Number(new URLSearchParams(location.hash.slice(1)).get('gid') ?? Number.NaN)
  const next = data.tabs.find((each) => each.sheetId === wanted) ?? data.tabs.find((each) => !each.hidden)
  if (!rows || next.sheetId !== tab?.sheetId) rows = new Rows(base, next.sheetId)
  const same = next.sheetId === tab?.sheetId
  tab = next
  showTabs()
  rows.expire()
  grid.resize(tab, same)
  await load(...grid.view(), same)
}

function open(sheetId) {
  if (sheetId === tab.sheetId) return
  history.replaceState(null, '', `#gid=${sheetId}`)
  tab = { ...tab, sheetId }
  rows = undefined
  refresh()
}

async function load(from, to, flash = false) {
  const source = rows
  grid.draw(source, false)
  await source.load(0, Math.max(1, tab.frozenRows))
  await source.load(from, to)
  if (source !== rows) return
  grid.draw(source, flash)
  if (grid.selected) select(grid.selected.row, grid.selected.column)
}

const TOOLS = {
  insertAbove: ({ row }) => act('insertRows', { above: row + 1 }),
  deleteRow: ({ row }) => act('deleteRows', { row: row + 1 }),
  copyRow: ({ row }) => act('copyRows', { row: row + 1, above: row + 2 }),
  sortUp: ({ column }) =>
    act('sort', { column: columnName(column), headerRows: Math.max(1, tab.frozenRows) }),
  sortDown: ({ column }) =>
    act('sort', { column: columnName(column), descending: true, headerRows: Math.max(1, tab.frozenRows) }),
  insertColumn: ({ column }) => act('insertColumns', { before: columnName(column) }),
  deleteColumn: ({ column }) => act('deleteColumns', { column: columnName(column) }),
}
for (const button of document.querySelectorAll('.tools button')) {
  button.disabled = true
  button.onclick = () => grid.selected && TOOLS[button.dataset.act](grid.selected)
}
element('goto').onchange = (event) => grid.goTo(Number(event.target.value) - 1)

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
