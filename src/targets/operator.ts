import type { Schemas } from '../config/schemas.ts'
import type { Sql } from '../database/sql.ts'
import type { ErrorCode } from '../errors.ts'
import type { DataModel } from '../model/data-model.ts'
import type { Target } from '../model/target.ts'
import type { Finding } from './finding.ts'

/** A value as people are shown it; a date is a text such as `2026-11-29 14:30:05`. */
export type ShownValue = string | number | boolean | null

/** One field of a record, as the three sides have it; undefined where a side has nothing at all. */
export interface FieldComparison {
  readonly header: string
  /** What place and database last agreed on. */
  readonly base: ShownValue | undefined
  readonly database: ShownValue | undefined
  readonly place: ShownValue | undefined
  /** Why the database's value does not fit the place; null when it does. */
  readonly problem: string | null
}

/** A record beside its entry. It shows values of the record: show it to those who may see them. */
export interface EntryComparison {
  readonly target: string
  readonly record: string
  /** Where the entry is, for example "row 12 of the sheet"; null when there is none. */
  readonly entry: string | null
  /** False when the record is deleted, or the target's filter leaves it out. */
  readonly inDatabase: boolean
  /** False when it was never written, or its entry is known to be removed. */
  readonly hasBase: boolean
  readonly columns: readonly FieldComparison[]
  /** What is to be known of all values, for example on whose clock times are told; null when nothing is. */
  readonly note: string | null
}

/** What an operator's look at a place takes. */
export interface OperatorServices {
  readonly sql: Sql
  readonly schemas: Schemas
  readonly dataModel: DataModel
  /** The variables of the process. */
  readonly variables: Readonly<Record<string, string | undefined>>
}

/** How many requests the place allows. */
export interface QuotaLimit {
  readonly key: string
  readonly readsPerMinute: number
  readonly writesPerMinute: number
}

/** Why what people type in a place does not reach the library. */
export interface UnseenEdits {
  readonly code: Extract<ErrorCode, 'EDITS_UNSEEN'>
  /** A sentence for operators, without a final period. */
  readonly message: string
  /** What to do. */
  readonly remedy: string
  readonly since: Date
}

/** How operators see the targets of a kind. Nothing here writes. */
export interface OperatorView<T extends Target = Target> {
  /** What one place is called, for example "spreadsheet", and one record's part of it, for example "row". */
  readonly nouns: { readonly lane: string; readonly place: string; readonly entry: string }
  /** The place in a few words: for a sheet its tab. @param place what the sink stored of it */
  describe(target: T, place: Readonly<Record<string, unknown>>): string
  /** What looks for edits miss in the place; null for nothing. @param place what the sink stored of it */
  unseenEdits?(target: T, place: Readonly<Record<string, unknown>>): UnseenEdits | null
  /** Requests per minute that all workers together may make; what they count is in `sync_quota` under `key`. */
  quota?(variables: OperatorServices['variables']): QuotaLimit
  /** What to do about a place that cannot be written. @param code of the failure */
  readonly remedyOf?: (code: string) => string | undefined
  /** Looks at the places themselves: whether they can be reached and are as they should be. */
  check?(services: OperatorServices, targets: readonly T[]): Promise<readonly Finding[]>
  /**
   * Reads a record's entry and puts it beside the record and its base.
   * @param client the application's Prisma client
   * @throws what reading the place throws
   */
  show?(services: OperatorServices, client: object, target: T, id: string): Promise<EntryComparison>
}
