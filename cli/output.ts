import Table from 'cli-table3'
import pc from 'picocolors'
import stringWidth from 'string-width'

/** Columns that output is made for where the terminal does not say. */
const DEFAULT_COLUMNS = 100

/** Narrower terminals wrap by themselves. */
const LEAST_COLUMNS = 60

/** Colours, on a terminal and without NO_COLOR. */
export const paint = pc.createColors(
  process.env.NO_COLOR === undefined && (process.stdout.isTTY || process.env.FORCE_COLOR !== undefined),
)

/** Prints lines for people. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** Prints a value for programs: one JSON text. */
export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2))
}

/** Clears the line the cursor stands in, and goes to its beginning. */
const CLEAR_LINE = '\r\u001B[2K'

/** Shows how something long is getting on, in one line on a terminal that is written over; empty to take it away. */
export function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${CLEAR_LINE}${text === '' ? '' : paint.dim(text)}`)
}

/** How wide output may be: as the terminal is; without one as `COLUMNS` says, as for `ls` and `ps`. */
export function columns(): number {
  const told = process.stdout.isTTY ? process.stdout.columns : Number(process.env.COLUMNS)
  return told > 0 ? Math.max(LEAST_COLUMNS, told) : DEFAULT_COLUMNS
}

/** A column of a table. */
export interface TableColumn {
  readonly head: string
  readonly align?: 'left' | 'right'
  /** It takes what is left of the line, and is cut there, or goes on in further lines. */
  readonly flexible?: 'cut' | 'wrap'
  /** A flexible one keeps so much while others have more than they must. @defaultValue 8 */
  readonly least?: number
}

const BARE = Object.fromEntries(
  'top top-mid top-left top-right bottom bottom-mid bottom-left bottom-right left left-mid mid mid-mid right right-mid middle'
    .split(' ')
    .map((place) => [place, place === 'middle' ? '  ' : '']),
)

/**
 * Renders a table without lines that fits the terminal: one flexible column, or several, gives way.
 * @param notes text for the lines below a row, over the whole width; by the row's number
 */
export function renderTable(
  heads: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  notes: readonly (string | undefined)[] = [],
): string {
  const cells = [heads.map(({ head }) => head), ...rows]
  const natural = heads.map((_, at) =>
    Math.max(
      ...cells.map((row) => Math.max(...(row[at] ?? '').split('\n').map((line) => stringWidth(line)))),
    ),
  )
  const gaps = 2 * (heads.length - 1)
  const fixed = natural.reduce((sum, width, at) => sum + (heads[at]?.flexible ? 0 : width), gaps)
  const flexible = heads.flatMap((head, at) => (head.flexible ? [at] : []))
  let left = columns() - fixed
  // The narrow ones first: what they do not need goes to the others.
  const widths = [...natural]
  const wanted = (at: number) => Math.min(natural[at] ?? 0, heads[at]?.least ?? 8)
  const isRoomy = flexible.reduce((sum, at) => sum + wanted(at), 0) <= left
  const least = (at: number) => (isRoomy ? wanted(at) : 8)
  const order = [...flexible].sort((a, b) => (natural[a] ?? 0) - (natural[b] ?? 0))
  for (const [index, at] of order.entries()) {
    const kept = order.slice(index + 1).reduce((sum, other) => sum + least(other), 0)
    const share = Math.max(least(at), Math.min(Math.floor(left / (flexible.length - index)), left - kept))
    widths[at] = Math.min(natural[at] ?? 0, share)
    left -= widths[at] ?? 0
  }
  const table = new Table({
    chars: BARE,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0, compact: true },
    // A column without a head has no colour either: the line may be empty.
    head: heads.map(({ head }) => head && paint.dim(head)),
    colWidths: widths,
    colAligns: heads.map(({ align }) => align ?? 'left'),
  })
  const heights: number[] = []
  for (const row of rows) {
    const cells = heads.map(({ flexible }, at) => {
      const [cell, width] = [row[at] ?? '', widths[at] ?? 0]
      if (flexible === 'cut') return cut(cell, width)
      if (flexible !== 'wrap') return cell
      return cell
        .split('\n')
        .flatMap((line) => wrapped(line, width))
        .join('\n')
    })
    table.push(cells)
    heights.push(Math.max(...cells.map((cell) => cell.split('\n').length)))
  }
  const lines = table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
  const text = lines.splice(0, 1)
  for (const [at, height] of heights.entries()) {
    text.push(...lines.splice(0, height))
    const note = notes[at]
    if (note !== undefined) text.push(...note.split('\n').map((line) => `  ${wrap(line, 2)}`))
  }
  return text.join('\n')
}

/**
 * Breaks plain text into lines that fit the terminal, between words where it can.
 * @param indent spaces before every line but the first
 */
export function wrap(text: string, indent = 0): string {
  return wrapped(text.replace(/\s+/g, ' '), columns() - 1 - indent).join(`\n${' '.repeat(indent)}`)
}

/**
 * Breaks text into lines of a width: between words, and within a word that is longer, such as an address. Text that fits
 * stays as it is, colours included.
 */
function wrapped(text: string, width: number): string[] {
  if (stringWidth(text) <= width) return [text]
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (stringWidth(longer) <= width) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (stringWidth(line) > width) {
      const part = start(line, width)
      lines.push(part)
      line = line.slice(part.length)
    }
  }
  return [...lines, line]
}

/** Cuts text to a width, and says so with an ellipsis. Plain text only. */
export function cut(text: string, width: number): string {
  const line = text.replace(/\s+/g, ' ')
  if (stringWidth(line) <= width) return line
  return `${start(line, width - 1)}…`
}

/** As much of the beginning of a text as has a width. */
function start(text: string, width: number): string {
  let beginning = ''
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (stringWidth(beginning + segment) > width && beginning !== '') break
    beginning += segment
  }
  return beginning
}
