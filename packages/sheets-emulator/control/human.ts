import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { z } from 'zod'
import { locate } from '../model/a1.ts'
import { invalid } from '../model/errors.ts'
import { printTitle } from '../model/print-range.ts'
import type { Dimension, Rect } from '../model/rect.ts'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'
import { applyRequests } from '../requests/index.ts'
import type { SpreadsheetStore } from '../store/spreadsheets.ts'
import { readValues } from '../values/read.ts'
import { asOf } from './as-of.ts'
import { describe } from './describe.ts'
import { ACTIONS, type ActionName } from './human-actions.ts'
import { cellsBefore, changedCells, UndoStack, type UndoStep } from './undo-stack.ts'

/** Who acts when nobody is named. */
const SOMEBODY = 'a person'

/** An action that may change more cells than this cannot be taken back. */
const MOST_CELLS = 200_000

const UNDO = new WeakMap<Spreadsheet, Map<string, UndoStack>>()

/** A person at the screen of one spreadsheet. What they do needs no call, no quota and meets no fault. */
export class Human {
  readonly #store: SpreadsheetStore
  readonly #id: string
  readonly #name: string | undefined

  /**
   * @param id of a spreadsheet; it need not exist yet
   * @param name as the history shows it. What a person did can be taken back by the same name, and by nobody without one:
   * tests sort tabs of 100,000 rows, of which no copy should be kept
   */
  constructor(store: SpreadsheetStore, id: string, name?: string) {
    this.#store = store
    this.#id = id
    this.#name = name
  }

  /**
   * Does one thing, whole or not at all.
   *
   * @param seen the version of the spreadsheet that the person looked at; by default the latest. Rows and columns that
   * moved since are followed
   * @example person.act('sort', { tab: 'Requests', column: 'B' })
   * @throws ZodError for arguments that are not right, ApiError when it cannot be done; 409 when the row or column was
   * deleted since
   */
  act<N extends ActionName>(
    name: N,
    args: z.input<(typeof ACTIONS)[N]['schema']>,
    seen?: number,
  ): sheets_v4.Schema$Response[] {
    const { schema, requests } = ACTIONS[name]
    const given = schema.parse(args) as { tab?: string | number }
    const spreadsheet = this.#spreadsheet
    const tab = this.#tab(given.tab)
    const parsed = seen === undefined ? given : asOf(spreadsheet, tab, given, seen)
    // The union of all actions is narrowed by its own schema, which TypeScript cannot follow.
    const make = requests as (tab: Tab, args: unknown, spreadsheet: Spreadsheet) => sheets_v4.Schema$Request[]
    const made = make(tab, parsed, spreadsheet)
    const undo = this.#name === undefined ? () => {} : this.#recorder(name, tab, made)
    const replies = this.apply(made)
    undo()
    return replies
  }

  /** Applies requests of spreadsheets.batchUpdate, as a person whom nothing refuses. */
  apply(requests: readonly sheets_v4.Schema$Request[]): sheets_v4.Schema$Response[] {
    const spreadsheet = this.#spreadsheet
    const context = { spreadsheet, guard: () => {}, find: (id: string) => this.#store.find(id) }
    const before = spreadsheet.version
    const replies = spreadsheet.transact(() => applyRequests(context, requests))
    if (spreadsheet.version !== before) this.#note(describe(requests))
    return replies
  }

  /**
   * Takes the person's latest action back, followed to where it is now.
   * @returns what was taken back, and what could not be since others changed it
   * @throws ApiError 400 when there is nothing to take back
   */
  undo(): string {
    const spreadsheet = this.#spreadsheet
    const what = this.#stack.undo(spreadsheet)
    this.#note({ what, cells: [] })
    return what
  }

  /**
   * What a person sees: the formatted values of a range, rows as short as they are filled.
   *
   * @param tab title or sheetId; the first tab when absent
   * @param cells A1 notation without a tab; the whole tab when absent
   */
  see(tab?: string | number, cells?: string): string[][] {
    const found = this.#tab(tab)
    const range = locate(this.#spreadsheet, printTitle(found.meta.title) + (cells ? `!${cells}` : ''))
    const options = { value: 'FORMATTED_VALUE', dateTime: 'SERIAL_NUMBER' } as const
    return (readValues(this.#spreadsheet, range, 'ROWS', options).values ?? []) as string[][]
  }

  get #stack(): UndoStack {
    const stacks = UNDO.get(this.#spreadsheet) ?? new Map<string, UndoStack>()
    UNDO.set(this.#spreadsheet, stacks)
    const name = this.#name ?? SOMEBODY
    const stack = stacks.get(name) ?? new UndoStack()
    stacks.set(name, stack)
    return stack
  }

  #note({ what, cells }: ReturnType<typeof describe>): void {
    const { history, version } = this.#spreadsheet
    history.add({ version, at: Date.now(), who: this.#name ?? SOMEBODY, what, cells })
  }

  /** Looks at what an action is about to change. @returns keeps it for undo, once it is done */
  #recorder(name: ActionName, tab: Tab, requests: readonly sheets_v4.Schema$Request[]): () => void {
    const spreadsheet = this.#spreadsheet
    const { sheetId } = tab
    const push = (step: DistributiveOmit<UndoStep, 'name' | 'sheetId' | 'version'>): void =>
      this.#stack.push({ ...step, name, sheetId, version: spreadsheet.version } as UndoStep)
    const first = requests[0] ?? {}
    const range = first.insertDimension?.range ?? first.deleteDimension?.range ?? first.moveDimension?.source
    if (range) {
      const dimension = range.dimension as Dimension
      const [at, end] = [range.startIndex ?? 0, range.endIndex ?? 0]
      const count = end - at
      if (first.insertDimension) return () => push({ kind: 'added', dimension, at, count })
      if (first.deleteDimension) {
        const { grid } = tab
        const lines = Array.from({ length: count }, (_, i) =>
          dimension === 'ROWS'
            ? grid.cells(at + i)
            : Array.from({ length: grid.usedRows }, (_, row) => grid.cell(row, at + i)),
        )
        return () => push({ kind: 'removed', dimension, at, lines })
      }
      const destination = first.moveDimension?.destinationIndex ?? 0
      const to = destination > at ? destination - count : destination
      return () => push({ kind: 'moved', dimension, from: at, to, count })
    }
    const { cells } = describe(requests)
    if (cells.length === 0 || cells.some((each) => each.sheetId !== sheetId))
      return () => push({ kind: 'other' })
    const rects = cells.map(
      ({ rect }): Rect => ({ ...rect, endRow: Math.min(rect.endRow, tab.grid.usedRows + 1_000) }),
    )
    if (rects.some((rect) => sizeIn(tab, rect) > MOST_CELLS)) return () => push({ kind: 'other' })
    const before = rects.map((rect) => cellsBefore(tab, rect))
    return () =>
      push({ kind: 'cells', cells: rects.flatMap((rect, i) => changedCells(tab, rect, before[i] ?? [])) })
  }

  get #spreadsheet(): Spreadsheet {
    return this.#store.find(this.#id)
  }

  #tab(tab: string | number | undefined): Tab {
    const { tabs } = this.#spreadsheet
    const found =
      tab === undefined ? tabs[0] : tabs.find(({ sheetId, meta }) => tab === sheetId || tab === meta.title)
    if (!found) throw invalid(`There is no tab ${tab}.`)
    return found
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never

function sizeIn({ grid }: Tab, rect: Rect): number {
  const rows = Math.min(rect.endRow, grid.usedRows) - rect.startRow
  return Math.max(0, rows) * (Math.min(rect.endColumn, grid.columnCount) - rect.startColumn)
}
