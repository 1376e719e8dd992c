import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { UndoLog } from './undo.ts'

/** A row or a column: what belongs to it and moves with it. */
export interface Line {
  /** Size and visibility, as DimensionProperties. */
  props: sheets_v4.Schema$DimensionProperties | undefined
  /** Developer metadata of this row or column. Replaced, never changed in place. */
  metadata: readonly Metadata[] | undefined
}

/** What a developer metadata entry belongs to. A row's or column's entry holds on to the line and so moves with it. */
export type MetadataPlace =
  | { readonly type: 'SPREADSHEET' }
  | { readonly type: 'SHEET'; readonly sheetId: number }
  | { readonly type: 'ROW' | 'COLUMN'; readonly sheetId: number; readonly line: Line }

/** A developer metadata entry. Changed by replacing it. */
export interface Metadata {
  readonly id: number
  readonly key: string
  readonly value: string | undefined
  readonly visibility: string
  readonly place: MetadataPlace
}

/** The developer metadata of a spreadsheet by id. Ids are unique in the spreadsheet, keys are not. */
export class MetadataStore {
  readonly #undo: UndoLog
  readonly #entries = new Map<number, { readonly entry: Metadata; readonly created: number }>()
  #created = 0
  readonly #sizes = new Map<number | undefined, number>()

  /** @param undo the log of the spreadsheet */
  constructor(undo: UndoLog) {
    this.#undo = undo
  }

  get(id: number): Metadata | undefined {
    return this.#entries.get(id)?.entry
  }

  /** All entries, in the order of their creation. */
  all(): Metadata[] {
    // Going back puts entries at the end of the map, out of order.
    return [...this.#entries.values()].sort((a, b) => a.created - b.created).map(({ entry }) => entry)
  }

  /** True when no entry exists, which saves looking for them. */
  get empty(): boolean {
    return this.#entries.size === 0
  }

  /** Adds or replaces an entry. */
  put(entry: Metadata): void {
    const before = this.#entries.get(entry.id)
    this.#undo.record(() => (before ? this.#set(before.entry, before.created) : this.#remove(entry.id)))
    this.#set(entry, before?.created ?? this.#created++)
  }

  /** Removes an entry; nothing happens when there is none. */
  delete(id: number): void {
    const before = this.#entries.get(id)
    if (!before) return
    this.#undo.record(() => this.#set(before.entry, before.created))
    this.#remove(id)
  }

  /** Characters of keys and values of a tab, or of the spreadsheet itself (undefined). */
  characters(sheetId: number | undefined): number {
    return this.#sizes.get(sheetId) ?? 0
  }

  #set(entry: Metadata, created: number): void {
    const before = this.#entries.get(entry.id)
    if (before) this.#count(before.entry, -1)
    this.#entries.set(entry.id, { entry, created })
    this.#count(entry, 1)
  }

  #remove(id: number): void {
    const before = this.#entries.get(id)
    if (before) this.#count(before.entry, -1)
    this.#entries.delete(id)
  }

  #count(entry: Metadata, sign: 1 | -1): void {
    const sheetId = entry.place.type === 'SPREADSHEET' ? undefined : entry.place.sheetId
    const size = entry.key.length + (entry.value?.length ?? 0)
    this.#sizes.set(sheetId, this.characters(sheetId) + sign * size)
  }
}
