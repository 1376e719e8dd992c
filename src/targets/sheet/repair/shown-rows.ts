import { isEmpty, type SheetCell, textOfCell } from '../cells/cell.ts'
import type { TabView } from '../read/tab-view.ts'

const NONE: readonly number[] = []

/**
 * The rows that were read by what they show: a call may have written thousands, and each of them is looked for. What is
 * asked for is worked out when it is asked for first.
 */
export class ShownRows {
  readonly #view: TabView
  #texts: Map<number, string> | undefined
  #byText: Map<string, number[]> | undefined
  #byCell: Map<string, number[]> | undefined

  constructor(view: TabView) {
    this.#view = view
  }

  /** Rows that show just these cells, in any order. */
  withText(text: string): readonly number[] {
    this.#byText ??= grouped([...this.#all].map(([row, shown]) => [shown, row]))
    return this.#byText.get(text) ?? NONE
  }

  /** Rows one of whose cells shows this. */
  showing(cell: SheetCell): readonly number[] {
    this.#byCell ??= grouped(
      [...this.#view.cells].flatMap(([row, cells]) =>
        [...new Set(filled(cells).map(textOfCell))].map((text): [string, number] => [text, row]),
      ),
    )
    return this.#byCell.get(textOfCell(cell)) ?? NONE
  }

  get #all(): ReadonlyMap<number, string> {
    this.#texts ??= new Map([...this.#view.cells].map(([row, cells]) => [row, textOfRow(cells)]))
    return this.#texts
  }
}

/** The cells of a row that are not empty, in any order. */
export function textOfRow(cells: readonly (SheetCell | undefined)[]): string {
  return JSON.stringify(filled(cells).map(textOfCell).sort())
}

export function filled(cells: readonly (SheetCell | undefined)[]): SheetCell[] {
  return cells.filter((cell): cell is SheetCell => !isEmpty(cell))
}

function grouped(pairs: readonly (readonly [string, number])[]): Map<string, number[]> {
  const all = new Map<string, number[]>()
  for (const [text, row] of pairs) {
    const rows = all.get(text)
    if (rows) rows.push(row)
    else all.set(text, [row])
  }
  return all
}
