/** What a person did in a place. */
export type EditKind = 'change' | 'create' | 'remove'

/**
 * What became of an edit, or where it is on its way: `waiting` for a batch to confirm it, `pending` for its job.
 */
export type EditState = 'waiting' | 'pending' | 'applied' | 'refused' | 'lost' | 'withdrawn'

/** Why an edit is lost whose cell a write of the library's has gone over. */
export const WRITTEN_OVER = 'the cell was written again before the change reached the record'

/** A row of `sync_edit`. */
export interface Edit {
  readonly id: string
  readonly target: string
  readonly recordKey: string
  readonly kind: EditKind
  readonly column: string
  readonly base: unknown
  readonly shown: unknown
  readonly zone: string
  readonly state: EditState
  readonly editor: string | null
}
