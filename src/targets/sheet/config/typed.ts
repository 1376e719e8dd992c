import type { ConflictStrategy, RowDeletedPolicy } from '../../../config/conflict.ts'
import type { RemovalLimit } from '../../../config/removal-limit.ts'
import type { FieldName, RecordOf } from '../../../config/typed.ts'
import type { DeletePolicy } from './target.ts'

/** A column as written in a config file: a field's name, a field under another header, or a computed cell. */
export type ColumnInput<Client, Model, Include> =
  | FieldName<Client, Model>
  | {
      readonly header: string
      readonly field: FieldName<Client, Model>
      /** What happens to an edited cell of this column, if not what the target says. */
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
}
