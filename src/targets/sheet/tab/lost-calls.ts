import { type Intended, intendedIn, isIntended, ROW_REMOVED } from '../cells/base.ts'
import type { SheetCell } from '../cells/cell.ts'

/**
 * What calls whose answer nobody has seen were about to write into a tab in which a person's value may stand, until it was
 * searched for that: such a call may have hit rows, or columns, that somebody had just moved.
 *
 * A record whose own row shows the value was not missed by its call, unless it has been written again since.
 */
export class LostCalls {
  /** Of workers that lost the lane, or died; undefined where that is to be asked of the database. */
  #others: Map<string, Intended> | undefined
  /** Of this worker. */
  #own = new Map<string, Intended>()
  readonly #rewritten = new Set<string>()
  #haveColumnsMoved = false

  /** False where the database is to be asked for the calls of other workers. */
  get isKnown(): boolean {
    return this.#others !== undefined
  }

  get isEmpty(): boolean {
    return this.#own.size === 0 && (this.#others?.size ?? 0) === 0
  }

  /** True where columns were moved since such a call may have been planned: its values may stand in any of them. */
  get haveColumnsMoved(): boolean {
    return this.#haveColumnsMoved
  }

  /** Columns do not stand where they did. */
  moved(): void {
    this.#haveColumnsMoved = true
  }

  /** True where such a call was to remove a row. */
  get mayHaveRemoved(): boolean {
    return this.all.some(([, intended]) => Object.hasOwn(intended, ROW_REMOVED))
  }

  /** What was to be written, by record. */
  get all(): readonly (readonly [id: string, intended: Intended])[] {
    return [...(this.#others ?? []), ...this.#own]
  }

  /** Takes what is stored of calls. */
  take(stored: ReadonlyMap<string, Intended>): void {
    this.#others = new Map(stored)
    this.#rewritten.clear()
  }

  /** What is known has to be asked for again: a batch ended without putting right what it had found. */
  ask(): void {
    this.#others = undefined
  }

  /** A call of this worker was lost that was about to write this. */
  lose(intended: ReadonlyMap<string, Intended>): void {
    if (this.isEmpty) this.#haveColumnsMoved = false
    for (const [id, one] of intended) {
      this.#own.set(id, one)
      this.#rewritten.delete(id)
    }
  }

  /** The calls that this worker lost have not arrived, and cannot any more. */
  neverCame(): void {
    this.#own.clear()
  }

  /** Records were written again: their rows do not tell any more what an earlier call did. */
  rewrote(ids: Iterable<string>): void {
    for (const id of ids) this.#rewritten.add(id)
  }

  /** What a record's own row shows: a value that was to be written there has not gone elsewhere. */
  see(id: string, shown: (header: string) => SheetCell | undefined): void {
    if (this.#rewritten.has(id)) return
    for (const calls of [this.#own, this.#others]) {
      const intended = calls?.get(id)
      if (intended === undefined) continue
      const rest = Object.keys(intended).filter((header) => {
        const cell = shown(header)
        return cell === undefined || !isIntended(intended, header, cell)
      })
      if (rest.length === 0) calls?.delete(id)
      else calls?.set(id, Object.fromEntries(rest.map((header) => [header, intendedIn(intended, header)])))
    }
  }

  /** The tab was searched. */
  searched(): void {
    this.#own.clear()
    this.#others = new Map()
    this.#rewritten.clear()
    this.#haveColumnsMoved = false
  }
}
