import { type Cell, isFormula } from './cell.ts'
import { columnIndex, columnName } from './cell-notation.ts'
import { type Token, tokenize } from './formula-tokens.ts'
import { printTitle } from './print-range.ts'

/** A cell, row or column that a formula names: `$A$1`, `A`, `1`. */
export interface Corner {
  readonly column: number | undefined
  readonly row: number | undefined
  /** Written with `$`: stays when the formula is copied. */
  readonly fixedColumn: boolean
  readonly fixedRow: boolean
}

/** What a formula names: a cell, or a range when there is a `to`. */
export interface Reference {
  /** Title of the tab, undefined for the formula's own. */
  readonly title: string | undefined
  readonly from: Corner
  readonly to: Corner | undefined
}

/** The corner that a token writes, or undefined when it writes something else. */
export function cornerOf(token: Token | undefined): Corner | undefined {
  if (token?.kind !== 'name' && token?.kind !== 'number') return undefined
  const match = /^(\$?)([A-Za-z]{1,3})?(\$?)([1-9]\d*)?$/.exec(token.text)
  if (!match || (match[2] === undefined && match[4] === undefined)) return undefined
  const onlyRow = match[2] === undefined
  return {
    column: onlyRow ? undefined : columnIndex(match[2]!),
    row: match[4] === undefined ? undefined : Number(match[4]) - 1,
    fixedColumn: !onlyRow && match[1] === '$',
    fixedRow: match[3] === '$' || (onlyRow && match[1] === '$'),
  }
}

/** The title of a tab that a token such as `'My Tab'!` names. */
export function titleOf(text: string): string {
  const name = text.slice(0, -1)
  return name.startsWith("'") ? name.slice(1, -1).replaceAll("''", "'") : name
}

/**
 * Rewrites the references of a formula.
 *
 * @param formula with its leading `=`
 * @param change the new reference, `gone` when what it named exists no more, or undefined to leave it
 */
export function changeReferences(
  formula: string,
  change: (reference: Reference) => Reference | 'gone' | undefined,
): string {
  const text = formula.slice(1)
  const tokens = tokenize(text)
  if (!tokens) return formula
  let result = '='
  let copied = 0
  for (let i = 0; i < tokens.length; i++) {
    const first = tokens[i]!
    const start = first.end - first.text.length
    const sheet = first.kind === 'sheet' ? first : undefined
    if (sheet) i++
    const from = cornerOf(tokens[i])
    const isRange = from !== undefined && tokens[i + 1]?.text === ':' && cornerOf(tokens[i + 2]) !== undefined
    const isCell = from?.column !== undefined && from.row !== undefined && tokens[i + 1]?.text !== '('
    if (!from || (!isRange && !isCell)) continue
    const to = isRange ? cornerOf(tokens[i + 2]) : undefined
    if (isRange) i += 2
    const next = change({ title: sheet && titleOf(sheet.text), from, to })
    if (!next) continue
    result += text.slice(copied, start) + (next === 'gone' ? '#REF!' : print(next))
    copied = tokens[i]!.end
  }
  return result + text.slice(copied)
}

/** A cell as it is when it is copied: relative references of its formula move along. */
export function copiedCell(cell: Cell, rows: number, columns: number): Cell {
  if (!isFormula(cell) || (rows === 0 && columns === 0)) return cell
  const formula = changeReferences(cell.formula, ({ title, from, to }) => {
    const [a, b] = [offset(from, rows, columns), to && offset(to, rows, columns)]
    return a === 'gone' || b === 'gone' ? 'gone' : { title, from: a, to: b }
  })
  return { ...cell, formula }
}

function offset(corner: Corner, rows: number, columns: number): Corner | 'gone' {
  const row = corner.row === undefined || corner.fixedRow ? corner.row : corner.row + rows
  const column = corner.column === undefined || corner.fixedColumn ? corner.column : corner.column + columns
  return (row ?? 0) < 0 || (column ?? 0) < 0 ? 'gone' : { ...corner, row, column }
}

function print({ title, from, to }: Reference): string {
  const prefix = title === undefined ? '' : `${printTitle(title)}!`
  return `${prefix}${printCorner(from)}${to ? `:${printCorner(to)}` : ''}`
}

function printCorner({ column, row, fixedColumn, fixedRow }: Corner): string {
  const letters = column === undefined ? '' : `${fixedColumn ? '$' : ''}${columnName(column)}`
  return letters + (row === undefined ? '' : `${fixedRow ? '$' : ''}${row + 1}`)
}
