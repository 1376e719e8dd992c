import type { MisreadEdit } from '../../../inbound/inbox.ts'

/** How often it is asked how numbers are shown by now that Sheets had taken for dates, in milliseconds. */
const ASKED_EVERY_MS = 30_000

/** So long a cell has to be no date until its number counts: whoever puts the format right is about to type, in milliseconds. */
const MEANT_AFTER_MS = 60_000

/** When it was asked last, by target, and since when cells are no dates any more: what a worker remembers of it. */
export class ReformattedCells {
  readonly #asked = new Map<string, number>()
  readonly #since = new Map<string, ReadonlyMap<string, number>>()

  /** Whether it is time to ask again; then it counts as asked. */
  isDue(target: string): boolean {
    const now = performance.now()
    const isDue = now - (this.#asked.get(target) ?? Number.NEGATIVE_INFINITY) >= ASKED_EVERY_MS
    if (isDue) this.#asked.set(target, now)
    return isDue
  }

  /** Of the cells that are no dates any more, those that have not been for long. */
  lasting<Cell extends Pick<MisreadEdit, 'id' | 'column'>>(target: string, cells: readonly Cell[]): Cell[] {
    const now = performance.now()
    const before = this.#since.get(target)
    const keyOf = ({ id, column }: Cell) => JSON.stringify([id, column])
    const since = new Map(cells.map((cell) => [keyOf(cell), before?.get(keyOf(cell)) ?? now]))
    this.#since.set(target, since)
    return cells.filter((cell) => now - (since.get(keyOf(cell)) ?? now) >= MEANT_AFTER_MS)
  }
}
