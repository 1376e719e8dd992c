// The first page: all spreadsheets, kept up to date.
const body = document.getElementById('spreadsheets')
const live = document.getElementById('live')

function cell(row, text, className) {
  const td = row.insertCell()
  td.textContent = text
  if (className) td.className = className
  return td
}

async function show() {
  const { spreadsheets } = await fetch('/page/list').then((response) => response.json())
  document.getElementById('empty').hidden = spreadsheets.length > 0
  body.replaceChildren()
  for (const { id, title, tabs } of spreadsheets) {
    const row = body.insertRow()
    const link = document.createElement('a')
    link.href = `/spreadsheets/${encodeURIComponent(id)}`
    link.textContent = title
    cell(row, '').append(link)
    cell(row, tabs.map((tab) => tab.title).join(', '))
    cell(row, tabs.reduce((sum, tab) => sum + tab.rows, 0).toLocaleString('en'), 'number')
    cell(row, id, 'id')
  }
}

const events = new EventSource('/page/events')
events.onmessage = () => {
  live.textContent = 'live'
  live.classList.add('on')
  show()
}
events.onerror = () => {
  live.textContent = 'waiting for the emulator'
  live.classList.remove('on')
}
