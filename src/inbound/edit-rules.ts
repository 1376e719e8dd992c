import type { ChangeContext } from '../change/change.ts'
import type { ConflictStrategy } from '../config/conflict.ts'
import type { Words } from '../targets/merge/values.ts'
import type { Edit } from './edit.ts'

/** What a person's value stands for, exactly, or why it is none: a sentence for the person who typed it. */
export type ReadValue = { readonly value: unknown } | { readonly refused: string }

/** A value of a place that people may change. */
export interface EditableField {
  /** Header of the column: how the value is named in the place. */
  readonly header: string
  /** Field of the model that it is written to. */
  readonly field: string
  /** Who wins where the database has changed as well. */
  readonly strategy: ConflictStrategy
  /**
   * Reads what a person left in the place. Never guesses: what is not exactly a value of the field is refused.
   * @param shown as the place has it; null for nothing
   * @param zone what the place needs to read it, see `SeenEdit`
   */
  read(shown: unknown, zone: string): ReadValue
  /**
   * What the place shows for a value of the field.
   * @throws WritebackError for a value that it cannot show
   */
  show(value: unknown, zone: string): unknown
  /** Whether the place shows the same in both. */
  same(a: unknown, b: unknown): boolean
}

/** What a check of edits says: nothing when all is well, a reason for all of them, or a reason by field. */
export type CheckAnswer = string | Readonly<Record<string, string>> | null | undefined

/** What a check of edits is given beside the record. */
export interface CheckContext {
  /** What was done: `remove` comes without changes. */
  readonly kind: Edit['kind']
  /** The transaction that the edits will be written in: a Prisma client. */
  readonly tx: never
  readonly context: ChangeContext
}

/** What a target says of edits in its place. */
export interface EditRules {
  readonly fields: readonly EditableField[]
  /** A schema of the editable fields, such as a zod object: what it refuses is refused, what it returns is written. */
  readonly validate: EditSchema | undefined
  /** Refuses edits with a reason, after looking at whatever it needs. The record is null for one that is to be made. */
  readonly check:
    | ((record: never, changes: never, given: CheckContext) => CheckAnswer | Promise<CheckAnswer>)
    | undefined
  readonly newRows: NewRowsPolicy
  /** Values of the fields that a new entry does not show. */
  readonly defaults: ((given: never) => object) | undefined
  /** Relations that `check` sees with the record. */
  readonly include: object | undefined
  /** What reasons call the place. */
  readonly words: Words
  /**
   * Whether the place shows everything of a record, if it shows what was agreed on.
   * @param base see `sync_record.base`
   * @throws WritebackError for a record that it cannot show
   */
  isShown(record: object, base: Readonly<Record<string, unknown>>, zone: string): boolean
}

/**
 * What becomes of an entry without a key that a person added.
 * - `ignore`: it is theirs (default)
 * - `create`: it becomes a record once every required value is there
 */
export const NEW_ROWS_POLICIES = ['ignore', 'create'] as const
export type NewRowsPolicy = (typeof NEW_ROWS_POLICIES)[number]

/** The part of the Standard Schema specification (https://standardschema.dev) that is used: zod, valibot, arktype have it. */
export interface EditSchema {
  readonly '~standard': {
    readonly version: 1
    validate(value: unknown): StandardResult | Promise<StandardResult>
  }
}

/** What a schema answers. */
export type StandardResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/** What a schema has against a value, or against a part of it. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}
