import type { Cell } from '../model/cell.ts'
import { invalid } from '../model/errors.ts'
import { deleteLines, insertLines, moveLines } from '../model/lines.ts'
import type { Dimension, Rect } from '../model/rect.ts'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'

/** What takes an action back, with the version that the action made. */
type Step = { readonly name: string; readonly sheetId: number; readonly version: number } & (
  | { readonly kind: 'cells'; readonly cells: readonly ChangedCell[] }
  | { readonly kind: 'added'; readonly dimension: Dimension; readonly at: number; readonly count: number }
  | {
      readonly kind: 'removed'
      readonly dimension: Dimension
      readonly at: number
      readonly lines: readonly (readonly Cell[])[]
    }
  | {
      readonly kind: 'moved'
      readonly dimension: Dimension
      readonly from: number
      readonly to: number
      readonly count: number
    }
  | { readonly kind: 'other' }
)

interface ChangedCell {
  readonly row: number
  readonly column: number
  readonly before: Cell
  readonly after: Cell
}

const KEPT = 100

/**
 * What one person did, to take it back. As others go on meanwhile, places are followed to where they are now, and a
 * cell that somebody has changed since stays as it is.
 */
export class UndoStack {
  readonly #steps: Step[] = []

  push(step: Step): void {
    this.#steps.push(step)
    if (this.#steps.length > KEPT) this.#steps.shift()
  }

  /**
   * Takes the latest action back.
   * @returns what was done, in words
   * @throws ApiError 400 when there is nothing to take back, or it is of a kind that cannot be
   */
  undo(spreadsheet: Spreadsheet): string {
    const step = this.#steps.pop()
    if (step === undefined) throw invalid('There is nothing to undo.')
    if (step.kind === 'other') throw invalid(`${step.name} cannot be undone here.`)
    const tab = spreadsheet.tab(step.sheetId)
    return spreadsheet.transact(() => takeBack(spreadsheet, tab, step))
  }
}

function takeBack(spreadsheet: Spreadsheet, tab: Tab, step: Exclude<Step, { kind: 'other' }>): string {
  const follow = (dimension: Dimension, index: number): number | undefined =>
    spreadsheet.places.follow(tab.sheetId, dimension, index, step.version)
  switch (step.kind) {
    case 'cells': {
      let kept = 0
      for (const { row, column, before, after } of step.cells) {
        const [r, c] = [follow('ROWS', row), follow('COLUMNS', column)]
        if (r === undefined || c === undefined || tab.grid.cell(r, c) !== after) kept++
        else tab.grid.put(r, c, before)
      }
      const cells =
        kept === 1
          ? '1 cell that others changed or removed since stays'
          : `${kept} cells that others changed or removed since stay`
      const others = kept === 0 ? '' : `; ${cells}`
      return `took back ${step.name}${others}`
    }
    case 'added': {
      const at = follow(step.dimension, step.at)
      if (at !== undefined) deleteLines(spreadsheet, tab, step.dimension, at, at + step.count)
      return `took back ${step.name}`
    }
    case 'removed': {
      const at = Math.min(follow(step.dimension, step.at) ?? step.at, tab.grid.count(step.dimension))
      insertLines(spreadsheet, tab, step.dimension, at, step.lines.length)
      for (const [i, cells] of step.lines.entries()) {
        for (const [j, cell] of cells.entries()) {
          if (cell === undefined) continue
          if (step.dimension === 'ROWS') tab.grid.put(at + i, j, cell)
          else tab.grid.put(j, at + i, cell)
        }
      }
      return `took back ${step.name}`
    }
    case 'moved': {
      const [at, to] = [follow(step.dimension, step.to), follow(step.dimension, step.from)]
      if (at !== undefined && to !== undefined) {
        moveLines(spreadsheet, tab, step.dimension, [at, at + step.count], to > at ? to + step.count : to)
      }
      return `took back ${step.name}`
    }
  }
}

/** The cells of `rect` that are not what they were. */
export function changedCells(
  tab: Tab,
  rect: Rect,
  before: readonly (readonly Cell[])[],
): readonly ChangedCell[] {
  const changed: ChangedCell[] = []
  for (const [i, cells] of before.entries()) {
    const row = rect.startRow + i
    const width = Math.max(
      cells.length,
      Math.min(rect.endColumn, tab.grid.cells(row).length) - rect.startColumn,
    )
    for (let j = 0; j < width; j++) {
      const column = rect.startColumn + j
      const after = tab.grid.cell(row, column)
      if (after !== cells[j]) changed.push({ row, column, before: cells[j], after })
    }
  }
  return changed
}

/** The cells of `rect` as they are, to compare with later. */
export function cellsBefore({ grid }: Tab, rect: Rect): readonly (readonly Cell[])[] {
  const end = Math.min(rect.endRow, grid.rowCount)
  return Array.from({ length: Math.max(0, end - rect.startRow) }, (_, i) =>
    grid.cells(rect.startRow + i).slice(rect.startColumn, Math.min(rect.endColumn, grid.columnCount)),
  )
}

export type { Step as UndoStep }
