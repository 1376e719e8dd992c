import { clampToGrid, type Located } from '../model/a1.ts'
import { hasValue } from '../model/cell.ts'
import type { Grid } from '../model/grid.ts'
import type { Rect } from '../model/rect.ts'

/** Adjacent cells with values in one row: columns `[start, end)`. */
interface Run {
  readonly row: number
  readonly start: number
  readonly end: number
}

/**
 * The table that values.append adds to: the last one in the range, a table being cells with values that touch
 * above, below, left or right (values guide, https://developers.google.com/workspace/sheets/api/guides/values#append_values;
 * recorded: a blank column splits a table). A cell beside a table is not in it.
 *
 * @returns the box of the table, or undefined when the range has no cell of one
 */
export function findTable(located: Located): Rect | undefined {
  const range = clampToGrid(located)
  const { grid } = range.tab
  const seed = lastRun(grid, range)
  return seed ? boxOf(grid, seed) : undefined
}

function lastRun(grid: Grid, range: Rect): Run | undefined {
  for (let row = Math.min(range.endRow, grid.usedRows) - 1; row >= range.startRow; row--) {
    const run = runsOf(grid, row).findLast(
      ({ start, end }) => start < range.endColumn && end > range.startColumn,
    )
    if (run) return run
  }
  return undefined
}

/** Follows runs up and down from `seed`; a tall table costs one step a row. */
function boxOf(grid: Grid, seed: Run): Rect {
  const box = { startRow: seed.row, endRow: seed.row + 1, startColumn: seed.start, endColumn: seed.end }
  const seen = new Set<string>()
  const waiting: Run[] = [seed]
  const cache = new Map<number, Run[]>()
  for (let run = waiting.pop(); run; run = waiting.pop()) {
    const key = `${run.row}:${run.start}`
    if (seen.has(key)) continue
    seen.add(key)
    box.startRow = Math.min(box.startRow, run.row)
    box.endRow = Math.max(box.endRow, run.row + 1)
    box.startColumn = Math.min(box.startColumn, run.start)
    box.endColumn = Math.max(box.endColumn, run.end)
    for (const row of [run.row - 1, run.row + 1]) {
      if (row < 0 || row >= grid.usedRows) continue
      const runs = cache.get(row) ?? runsOf(grid, row)
      cache.set(row, runs)
      for (const next of runs) if (next.start < run.end && next.end > run.start) waiting.push(next)
    }
  }
  return box
}

function runsOf(grid: Grid, row: number): Run[] {
  const cells = grid.cells(row)
  const runs: Run[] = []
  for (let column = 0; column < cells.length; column++) {
    if (!hasValue(cells[column])) continue
    const start = column
    while (column < cells.length && hasValue(cells[column])) column++
    runs.push({ row, start, end: column })
  }
  return runs
}
