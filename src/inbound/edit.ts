/** What a person did in a place. */
export const EDIT_KINDS = ['change', 'create', 'remove'] as const
/** What became of an edit. */
export const EDIT_STATES = ['waiting', 'pending', 'applied', 'refused', 'lost', 'withdrawn'] as const
export type EditState = (typeof EDIT_STATES)[number]

/** A row of `sync_edit`. */
export interface Edit {
  readonly id: string
  readonly target: string
  readonly recordKey: string
  readonly kind: (typeof EDIT_KINDS)[number]
  readonly column: string
  readonly base: unknown
  readonly shown: unknown
  readonly zone: string
  readonly state: EditState
  readonly editor: string | null
}
