import type { SheetCell } from '../cells/cell.ts'
import type { RecordDecision } from '../decide/decide-record.ts'
import { columnRange, rowRange } from '../google/a1.ts'
import type { KeyColumn } from '../tab/key-column.ts'

/** A row as a batch found it. In the order of the mapping's columns. */
export interface RowBefore {
  /** What stood in its key cell. */
  readonly key: string | undefined
  readonly places: readonly number[]
  readonly cells: readonly SheetCell[]
  /** All of it, by column of the tab. */
  readonly all: readonly SheetCell[]
}

/** What a new row holds. */
export interface NewRow {
  /** By column of the tab. */
  readonly cells: readonly SheetCell[]
  /** Column of the tab of each column of the mapping. */
  readonly places: readonly number[]
}

/** A row that was written. */
export interface WrittenRow {
  readonly row: number
  /** The key that should stand there; null in a row that was emptied. */
  readonly key: string | null
  /** Columns (of the mapping) that were written. */
  readonly columns: readonly number[]
  /** The row before: which column of the tab each of ours was, and what it showed; the key is left out. */
  readonly before: RowBefore
  readonly decision: RecordDecision
}

/** What a batch should have left in a tab's key column. Rows are those after the batch. */
export interface Expectation {
  readonly written: readonly WrittenRow[]
  /** Rows beside those in which a key is not to be seen, or was written, with what stood in their key cell before. */
  readonly neighbours: readonly { readonly row: number; readonly key: string | undefined }[]
  /** Records whose rows were appended, and the first row where they can be. */
  readonly appended: ReadonlyMap<string, RecordDecision>
  readonly appendedFrom: number
  /** Whether no other key is to be seen from there on. */
  readonly hasEnd: boolean
  readonly removed: readonly RecordDecision[]
}

/** How far from a row another one is looked for that shows whether rows were moved. */
const MAX_DISTANCE = 20

/** Rows of a tab whose whole key column is shown where rows are removed: some 50 bytes each. */
const SHOWN_WHOLE = 1_000

/** Ranges that one response may be asked for; more are joined, with the rows between them. */
const MAX_RANGES = 500

/**
 * What the key column should show after the requests of `planRows`.
 * @param keys keys by row before the batch
 * @param endRow the row after the last key
 * @param before a row as it was before the batch
 */
export function expectationOf(
  decisions: readonly RecordDecision[],
  keys: Pick<KeyColumn, 'at' | 'isWhole'>,
  endRow: number,
  before: (row: number) => RowBefore,
): Expectation {
  const removed = decisions.filter(({ action }) => action.kind === 'remove')
  const removedRows = removed.map(rowOf).sort((a, b) => a - b)
  const gone = new Set(removedRows)
  const after = (row: number) => row - countBelow(removedRows, row)
  const written = decisions.flatMap((decision): WrittenRow[] => {
    const { id, action } = decision
    if (action.kind !== 'update' && action.kind !== 'empty') return []
    const isUpdate = action.kind === 'update'
    const columns = isUpdate ? [...action.cells.keys()] : action.columns
    const row = after(action.row)
    return [{ row, key: isUpdate ? id : null, columns, before: before(action.row), decision }]
  })
  const unverifiable = new Set(decisions.filter(hasUntellingKey).map(rowOf))
  const isChanged = (row: number) => gone.has(row) || unverifiable.has(row)
  const withKey = [...removedRows, ...unverifiable].flatMap((row) =>
    [-1, 1].flatMap((step) => nearestKey(keys, row, step, isChanged) ?? []),
  )
  const isChecked = keys.isWhole && gone.size + unverifiable.size > 0
  const near = isChecked
    ? rowsAround([...gone, ...unverifiable], endRow).filter((row) => !isChanged(row))
    : []
  const neighbours = [...new Set([...withKey, ...near])].map((row) => ({
    row: after(row),
    key: keys.at(row),
  }))
  const appended = decisions.filter(({ action }) => action.kind === 'append')
  return {
    written,
    neighbours,
    appended: new Map(appended.map((decision) => [decision.id, decision])),
    appendedFrom: after(endRow),
    hasEnd: isChecked,
    removed,
  }
}

/** The ranges that show whether an expectation holds: of the key column, and all of the rows whose key says nothing. */
export function rangesToCheck(expected: Expectation, title: string, column: number): string[] {
  const { written, neighbours, appended, appendedFrom, hasEnd } = expected
  const rows = [...new Set([...written, ...neighbours].map(({ row }) => row))].sort((a, b) => a - b)
  const runs = joined(rows)
  const unverifiable = written.filter(({ decision }) => hasUntellingKey(decision)).map(({ row }) => row)
  const whole = joined([...new Set(unverifiable)].sort((a, b) => a - b))
  const ranges = [
    ...runs.map(({ from, to }) => columnRange(title, column, from, to)),
    ...whole.map(({ from, to }) => rowRange(title, from, to)),
  ]
  if (appended.size > 0 || hasEnd) ranges.push(columnRange(title, column, appendedFrom))
  return ranges
}

/** Whether keys of other records are gone where a write did not hit the rows that it was meant for. */
export function takesKeys({ removed, written }: Expectation): boolean {
  return (
    removed.length > 0 || written.some(({ decision: { action } }) => 'withKey' in action && action.withKey)
  )
}

/** Runs of rows; gaps are included, wider ones if there would be too many runs. */
function joined(rows: readonly number[]): { from: number; to: number }[] {
  for (let gap = 8; ; gap *= 2) {
    const runs: { from: number; to: number }[] = []
    for (const row of rows) {
      const last = runs.at(-1)
      if (last && row - last.to <= gap) last.to = row + 1
      else runs.push({ from: row, to: row + 1 })
    }
    if (runs.length <= MAX_RANGES) return runs
  }
}

/**
 * Whether a row's key cell says nothing of where a write went: it is emptied, or written itself. Of a row without a key
 * that only loses a mark no value is touched, whichever row it was.
 */
export function hasUntellingKey({ action }: RecordDecision): boolean {
  if (action.kind === 'empty') return action.withKey || action.columns.length > 0
  return action.kind === 'update' && action.withKey
}

/** Rows that are shown together with some others: all of a short tab, else those next to them. */
function rowsAround(rows: readonly number[], endRow: number): number[] {
  if (endRow <= SHOWN_WHOLE) return Array.from({ length: endRow }, (_, row) => row)
  const next = rows.flatMap((row) => [row - 2, row - 1, row + 1, row + 2])
  return next.filter((row) => row >= 0 && row < endRow)
}

/** The next row above or below that has a key, and is none of those left out. */
function nearestKey(
  keys: Pick<KeyColumn, 'at'>,
  from: number,
  step: number,
  isLeftOut: (row: number) => boolean,
): number | undefined {
  for (let row = from + step; row >= 0 && Math.abs(row - from) <= MAX_DISTANCE; row += step) {
    if (keys.at(row) !== undefined && !isLeftOut(row)) return row
  }
  return undefined
}

function rowOf({ action }: RecordDecision): number {
  return 'row' in action ? action.row : -1
}

/** How many of the sorted numbers are smaller. */
function countBelow(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
