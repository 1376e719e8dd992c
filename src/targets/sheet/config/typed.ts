import type { ChangeContext } from '../../../change/change.ts'
import type { ConflictStrategy, RowDeletedPolicy } from '../../../config/conflict.ts'
import type { RemovalLimit } from '../../../config/removal-limit.ts'
import type { CreateData, FieldName, RecordOf, WritableField } from '../../../config/typed.ts'
import type { CheckAnswer, EditSchema, NewRowsPolicy } from '../../../inbound/edit-rules.ts'
import type { DeletedRowsPolicy, DetectEdits, RefusalsShown } from './edits.ts'
import type { DeletePolicy } from './target.ts'

/** A column as written in a config file: a field's name, a field under another header, or a computed cell. */
export type ColumnInput<Client, Model, Include> =
  | FieldName<Client, Model>
  | {
      readonly header: string
      readonly field: FieldName<Client, Model>
      /** What happens to an edited cell of this column, if not what the target says. */
      readonly conflict?: ConflictStrategy
      readonly writable?: false
    }
  | {
      readonly header: string
      readonly field: WritableField<Client, Model>
      /**
       * What people type into the column is written to the field, once it has passed the checks of `edits`. Where the
       * database has changed as well, `conflict` decides.
       */
      readonly writable: true
      readonly conflict?: ConflictStrategy
    }
  | {
      readonly header: string
      /** What happens to an edited cell of this column, if not what the target says. */
      readonly conflict?: ConflictStrategy
      /**
       * Computes the cell, at once: a promise is refused. It must depend on nothing but the record, which is what makes a
       * retry harmless.
       */
      readonly value: (record: RecordOf<Client, Model, Include>) => unknown
    }

/** A target as written in a config file. */
export interface SheetTargetInput<Client, Model, Include> {
  /** Stable name, unique among the targets: letters, digits, dots, dashes and underscores. */
  readonly name: string
  /** The id in the sheet's address, between `/d/` and `/edit`, or the whole address. */
  readonly spreadsheetId: string
  /** Title of the tab. It is made when it is missing. */
  readonly tab: string
  /** Model whose records the tab shows. */
  readonly model: Model
  /**
   * Header of the column that holds the record's id.
   * @defaultValue 'ID'
   */
  readonly key?: string
  readonly columns: readonly ColumnInput<Client, Model, Include>[]
  /** Relations that computed columns read. */
  readonly include?: Include
  /** Records for which this is false have no row in the tab. */
  readonly filter?: (record: RecordOf<Client, Model, Include>) => boolean
  /**
   * What happens to the row of a deleted record.
   * @defaultValue 'remove'
   */
  readonly onDelete?: DeletePolicy
  /**
   * How many rows a comparison, or a batch, may remove before it stops the target and asks: more than `rows`, and more
   * than `share` of the target's rows. Deletions that were seen as changes do not count. `false` never asks.
   * @defaultValue `{ rows: 10, share: 0.2 }`
   */
  readonly removalLimit?: RemovalLimit | false
  /**
   * What happens to a cell that somebody edited in the sheet.
   * @defaultValue 'database-wins'
   */
  readonly conflict?: ConflictStrategy
  /**
   * What happens when a person deleted the row of a record that still exists.
   * @defaultValue 'restore'
   */
  readonly onRowDeleted?: RowDeletedPolicy
  /** What becomes of what people type into writable columns, and of rows that they add or delete. */
  readonly edits?: EditsInput<Client, Model, Include>
}

/** What people may change, as written in a config file. */
export interface EditsInput<Client, Model, Include> {
  /** A schema of the writable fields, such as a zod object. What it refuses is refused; what it returns is written. */
  readonly validate?: EditSchema
  /**
   * Refuses edits with a reason for people: one text for all, or texts by field.
   * @param record the record as it is, with the target's `include`; null for one that is to be made of a new row
   * @param changes the values that are to be written, by field
   * @param given `tx`, the transaction that they will be written in, the context that the write will have, and what was
   * done: a row that somebody deleted (`remove`) comes without changes
   */
  readonly check?: (
    record: RecordOf<Client, Model, Include> | null,
    changes: Partial<Record<WritableField<Client, Model>, unknown>>,
    given: {
      readonly tx: Client
      readonly context: ChangeContext
      readonly kind: 'change' | 'create' | 'remove'
    },
  ) => CheckAnswer | Promise<CheckAnswer>
  /**
   * What becomes of a row without a key that somebody adds: `create` makes a record of it once every required writable
   * cell is filled.
   * @defaultValue 'ignore'
   */
  readonly newRows?: NewRowsPolicy
  /**
   * Values of the fields that a new row does not show. May be called several times for a row, and may throw `EditRefused`.
   * @param given the values that it shows, by field
   */
  readonly defaults?: (
    given: Partial<Record<WritableField<Client, Model>, unknown>>,
  ) => Partial<CreateData<Client, Model>>
  /**
   * What happens when a person deletes the row of a record: `delete` deletes the record, behind a brake.
   * @defaultValue what `onRowDeleted` says
   */
  readonly deletedRows?: DeletedRowsPolicy
  /**
   * Where the sheet says why an edit was refused: in a column `Sync`, or in a note on the cell, which gets a background too.
   * @defaultValue 'column'
   */
  readonly refusals?: RefusalsShown
  /** Whether the columns that are not writable are protected against everybody but the service account. @defaultValue false */
  readonly lock?: boolean
  /** Whether writable columns get drop-downs, checkboxes and date checks when the tab is set up. @defaultValue true */
  readonly help?: boolean
  /** How edits are found. @defaultValue by looking every 5 seconds while people type, and seldom while nobody does */
  readonly detect?: Partial<DetectEdits>
}
