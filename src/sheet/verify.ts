import { columnRange } from './a1.ts'
import type { RecordDecision } from './decide-record.ts'

/** What a batch should have left in a tab's key column. Rows are those after the batch. */
export interface Expectation {
  /** Rows that were written, with the record that stands there and the columns (of the mapping) that were written. */
  readonly written: readonly {
    readonly row: number
    readonly id: string
    readonly columns: readonly number[]
  }[]
  /** Rows beside removed ones, with the key that stood there before. */
  readonly beside: readonly { readonly row: number; readonly key: string }[]
  /** Records whose rows were appended, and the first row where they can be. */
  readonly appended: readonly string[]
  readonly appendedFrom: number
  readonly removed: readonly string[]
}

/** What the key column showed after a batch. */
export interface Verification {
  /** Records that are in order. */
  readonly verified: ReadonlySet<string>
  /** Records whose cells were overwritten because they stood where another was expected: the columns, by id. */
  readonly damaged: ReadonlyMap<string, ReadonlySet<number>>
  /** True when rows were removed that may not have been the right ones. */
  readonly removedWrong: boolean
  /** Rows of the appended records. */
  readonly appendedAt: ReadonlyMap<string, number>
}

/** Ranges that one response may be asked for; more are joined, with the rows between them. */
const MAX_RANGES = 500

/**
 * What the key column should show after the requests of `planRows`.
 * @param keys keys by row before the batch
 * @param endRow the row after the last key
 */
export function expectationOf(
  decisions: readonly RecordDecision[],
  keys: readonly (string | undefined)[],
  endRow: number,
): Expectation {
  const removals = decisions.flatMap(({ id, action }) =>
    action.kind === 'remove' ? [{ id, row: action.row }] : [],
  )
  const removedRows = removals.map(({ row }) => row).sort((a, b) => a - b)
  const gone = new Set(removedRows)
  const after = (row: number) => row - countBelow(removedRows, row)
  const written = decisions.flatMap(({ id, action }) =>
    action.kind === 'update' ? [{ row: after(action.row), id, columns: [...action.cells.keys()] }] : [],
  )
  const neighbours = new Set(removedRows.flatMap((row) => [row - 1, row + 1]).filter((row) => !gone.has(row)))
  const beside = [...neighbours].flatMap((row) => {
    const key = keys[row]
    return key === undefined ? [] : [{ row: after(row), key }]
  })
  return {
    written,
    beside,
    appended: decisions.flatMap(({ id, action }) => (action.kind === 'append' ? [id] : [])),
    appendedFrom: after(endRow),
    removed: removals.map(({ id }) => id),
  }
}

/** The ranges of the key column that show whether an expectation holds. */
export function rangesToCheck(expected: Expectation, title: string, column: number): string[] {
  const { written, beside, appended, appendedFrom } = expected
  const rows = [...new Set([...written, ...beside].map(({ row }) => row))].sort((a, b) => a - b)
  const runs = joined(rows)
  const ranges = runs.map(({ from, to }) => columnRange(title, column, from, to))
  if (appended.length > 0) ranges.push(columnRange(title, column, appendedFrom))
  return ranges
}

/**
 * Compares the key column after a batch with what it should show.
 * @param keys keys by row, as the response shows them; rows that were not asked for may be missing
 */
export function verify(expected: Expectation, keys: ReadonlyMap<number, string>): Verification {
  const verified = new Set<string>()
  const damaged = new Map<string, Set<number>>()
  for (const { row, id, columns } of expected.written) {
    const key = keys.get(row)
    if (key === id) verified.add(id)
    else if (key !== undefined) {
      const known = damaged.get(key) ?? new Set()
      for (const column of columns) known.add(column)
      damaged.set(key, known)
    }
  }
  const appendedAt = new Map<string, number>()
  const wanted = new Set(expected.appended)
  for (const [row, key] of keys) {
    if (row >= expected.appendedFrom && wanted.has(key)) appendedAt.set(key, row)
  }
  for (const id of appendedAt.keys()) verified.add(id)
  const removedWrong = expected.beside.some(({ row, key }) => keys.get(row) !== key)
  if (!removedWrong) for (const id of expected.removed) verified.add(id)
  return { verified, damaged, removedWrong, appendedAt }
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
