import { ApiError } from './errors.ts'
import type { Dimension } from './rect.ts'
import type { ReferenceShift } from './reference-shifts.ts'

type LineShift = Extract<ReferenceShift, { kind: 'lines' }>

/** Transactions whose moves are remembered. */
const KEPT = 2_000

/**
 * Where rows and columns went. Whoever looked at an earlier version of the spreadsheet, such as a person with a cell
 * open, finds with it the place that they mean now. A sort moves contents, not rows: a place stays then, as at Google.
 */
export class PlaceLog {
  #moves: { readonly version: number; readonly shifts: readonly LineShift[] }[] = []
  /** Moves up to this version are forgotten. */
  #forgotten = -1

  /** Notes what a transaction moved. */
  add(version: number, shifts: readonly ReferenceShift[]): void {
    const lines = shifts.filter((shift) => shift.kind === 'lines')
    if (lines.length === 0) return
    this.#moves.push({ version, shifts: lines })
    if (this.#moves.length > KEPT) this.#forgotten = this.#moves.shift()!.version
  }

  /**
   * @param since the version in which the row or column was at `index`
   * @returns where it is now; undefined when it was deleted
   * @throws ApiError 409 when `since` is longer ago than moves are remembered
   */
  follow(sheetId: number, dimension: Dimension, index: number, since: number): number | undefined {
    if (since < this.#forgotten) {
      throw new ApiError(409, 'ABORTED', 'Too much has moved since this was read. Read it again.')
    }
    let at = index
    for (const { version, shifts } of this.#moves) {
      if (version <= since) continue
      for (const shift of shifts) {
        if (shift.sheetId !== sheetId || shift.dimension !== dimension) continue
        if (shift.cut && at >= shift.cut[0] && at < shift.cut[1]) return undefined
        at = shift.move(at)
      }
    }
    return at
  }
}
