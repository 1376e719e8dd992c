import type { Types } from '@prisma/client/runtime/client'
import type { ConflictStrategy, RowDeletedPolicy } from './conflict.ts'
import type { RemovalLimit } from './removal-limit.ts'
import type { DeletePolicy } from './target.ts'

/** What the types need of a generated Prisma client: a delegate per model. */
export type AnyClient = object

type Delegates<Client> = {
  [Key in keyof Client as Client[Key] extends { findMany: unknown } ? Key : never]: Client[Key]
}

/** Delegates of a client by model name (`Request`), not by property name (`request`). */
type ByModel<Client> = {
  [Key in keyof Delegates<Client> as Types.Public.Payload<
    Delegates<Client>[Key]
  >['name'] extends infer Name extends string
    ? Name
    : never]: Delegates<Client>[Key]
}

/** Names of the models of a Prisma client. */
export type ModelName<Client> = keyof ByModel<Client> & string

type Delegate<Client, Model> = Model extends keyof ByModel<Client> ? ByModel<Client>[Model] : never

/** Names of a model's fields that have a value of their own (no relations). */
export type FieldName<Client, Model> = keyof Types.Public.Payload<Delegate<Client, Model>>['scalars'] & string

/** The `include` that a model's queries accept. */
export type IncludeOf<Client, Model> =
  Types.Public.Args<Delegate<Client, Model>, 'findFirstOrThrow'> extends { include?: infer Include | null }
    ? NonNullable<Include>
    : never

/** A record of a model, with the relations that `Include` asks for. */
export type RecordOf<Client, Model, Include> = Types.Public.Result<
  Delegate<Client, Model>,
  // A target without an `include` leaves the type parameter at its constraint, which would mean any relation.
  [IncludeOf<Client, Model>] extends [Include] ? Record<never, never> : { include: Include },
  'findFirstOrThrow'
>

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
  /** The id in the sheet's address, between `/d/` and `/edit`. */
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
