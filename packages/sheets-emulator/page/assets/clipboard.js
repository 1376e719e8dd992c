// Cells as text, as spreadsheets exchange them: tabs between cells, a line a row, quotes where a cell needs them.

/** @param rows texts of cells */
export function toText(rows) {
  const quoted = (text) => (/[\t\n"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  return rows.map((row) => row.map(quoted).join('\t')).join('\n')
}

/** @returns rows of texts */
export function fromText(text) {
  const rows = [[]]
  const all = text.replaceAll('\r\n', '\n').replace(/\n$/, '')
  let at = 0
  for (;;) {
    let cell = ''
    if (all[at] === '"') {
      const end = /"(?:[^"]|"")*"(?=[\t\n]|$)/y
      end.lastIndex = at
      const found = end.exec(all)
      if (found) {
        cell = found[0].slice(1, -1).replaceAll('""', '"')
        at = end.lastIndex
      }
    }
    if (cell === '') {
      const rest = /[^\t\n]*/y
      rest.lastIndex = at
      cell = rest.exec(all)[0]
      at = rest.lastIndex
    }
    rows.at(-1).push(cell)
    if (at >= all.length) return rows
    if (all[at] === '\n') rows.push([])
    at++
  }
}
