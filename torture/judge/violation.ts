import type { Cell } from '../stage/sheets.ts'

/** What is wrong at the end of a run. */
export type ViolationKind =
  | 'doubled'
  | 'missing'
  | 'stale'
  | 'foreign row'
  | 'foreign column'
  | 'invented conflict'
  | 'people’s text'
  | 'people’s value'
  | 'people’s column'
  | 'dead letters'
  | 'open jobs'
  | 'attempts'
  | 'worker'
  | 'writer'
  | 'left over'
  | 'target'
  | 'edit'

export interface Violation {
  readonly kind: ViolationKind
  /** What it is about: `requests req-07`. */
  readonly subject: string
  readonly message: string
  /** The two rows, by header, where it is about a row. */
  readonly rows?: {
    readonly database: Readonly<Record<string, Cell>> | null
    readonly sheet: Readonly<Record<string, Cell>> | null
  }
}
