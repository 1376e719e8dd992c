/** A page that shows the stock, live, and lets a person move some. */
export const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Stock</title>
<style>
  body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 50rem; padding: 0 1rem; color: #222; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid #ddd; }
  td.stock { text-align: right; font-variant-numeric: tabular-nums; }
  tr.changed { background: #fff3c4; transition: background 2s; }
  button { font: inherit; padding: 0 .6rem; }
  p#said { min-height: 1.5rem; color: #a33; }
</style>
<h1>Stock</h1>
<p>The warehouse's own system. What is moved here and what the application sells both count.</p>
<p id="said" role="status"></p>
<table>
  <thead><tr><th>Article</th><th>Name</th><th>Stock</th><th>Somebody moves</th></tr></thead>
  <tbody></tbody>
</table>
<script type="module">
  const body = document.querySelector('tbody')
  const said = document.querySelector('#said')
  const rows = new Map()
  const textOf = (value) => (value === null || value === undefined ? '' : String(value))
  const move = async (id, by) => {
    const headers = { 'content-type': 'application/json', 'x-person': 'the page' }
    const options = { method: 'POST', headers, body: JSON.stringify({ by }) }
    const response = await fetch('/articles/' + encodeURIComponent(id) + '/movements', options)
    said.textContent = response.ok ? '' : 'That did not work: ' + response.status
    await look()
  }
  const rowOf = (id) => {
    const row = body.insertRow()
    for (let at = 0; at < 4; at++) row.insertCell()
    row.cells[0].textContent = id
    row.cells[2].className = 'stock'
    for (const by of [-1, 1]) {
      const button = document.createElement('button')
      button.textContent = by > 0 ? '+1' : '\u22121'
      button.setAttribute('aria-label', (by > 0 ? 'one more of ' : 'one less of ') + id)
      button.addEventListener('click', () => move(id, by))
      row.cells[3].append(button, ' ')
    }
    rows.set(id, row)
    return row
  }
  const look = async () => {
    const seen = new Set()
    for (let after = ''; after !== undefined; ) {
      const { articles, next } = await (await fetch('/articles?after=' + encodeURIComponent(after))).json()
      for (const { id, name, stock } of articles) {
        seen.add(id)
        const row = rows.get(id) ?? rowOf(id)
        const before = row.cells[2].textContent
        row.cells[1].textContent = textOf(name)
        row.cells[2].textContent = textOf(stock)
        row.className = before === textOf(stock) ? '' : 'changed'
      }
      after = next
    }
    for (const [id, row] of rows) if (!seen.has(id)) { row.remove(); rows.delete(id) }
  }
  for (;;) {
    await look().catch(() => { said.textContent = 'The service does not answer' })
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
</script>
`
