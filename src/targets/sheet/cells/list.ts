/**
 * A list as the text of one cell: `red, green`. An item that contains a comma, a quote or a line break, or that is
 * empty or begins or ends with a space, is quoted as in CSV, so that the text can be read back.
 */
export function joinList(items: readonly string[]): string {
  return items.map((item) => (needsQuotes(item) ? `"${item.replaceAll('"', '""')}"` : item)).join(', ')
}

/** The items of a cell, as {@link joinList} wrote them or as a person typed them. Empty items are left out. */
export function splitList(text: string): string[] {
  const items: string[] = []
  let at = 0
  while (at < text.length) {
    while (text[at] === ' ') at++
    if (text[at] === '"') {
      const end = closingQuote(text, at)
      if (end !== -1) {
        items.push(text.slice(at + 1, end).replaceAll('""', '"'))
        at = nextItem(text, end + 1)
        continue
      }
    }
    const comma = text.indexOf(',', at)
    const end = comma === -1 ? text.length : comma
    const item = text.slice(at, end).trim()
    if (item !== '') items.push(item)
    at = end + 1
  }
  return items
}

function needsQuotes(item: string): boolean {
  return item === '' || item !== item.trim() || /[",\n\r]/.test(item)
}

/** Index of the quote that ends the item that begins at `start`, or -1 when what is there is no quoted item. */
function closingQuote(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] !== '"') continue
    if (text[at + 1] === '"') at++
    else return /^ *(,|$)/.test(text.slice(at + 1, at + 50)) ? at : -1
  }
  return -1
}

function nextItem(text: string, from: number): number {
  const comma = text.indexOf(',', from)
  return comma === -1 ? text.length : comma + 1
}
