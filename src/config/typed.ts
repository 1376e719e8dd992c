import type { Types } from '@prisma/client/runtime/client'

import type { RemovalLimit } from './removal-limit.ts'

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

/** What `create` of a model takes. */
export type CreateData<Client, Model> =
  Types.Public.Args<Delegate<Client, Model>, 'create'> extends { data: infer Data } ? Data : never

/** Names of a model's fields that `update` can write. */
export type WritableField<Client, Model> =
  Types.Public.Args<Delegate<Client, Model>, 'updateMany'> extends { data: infer Data }
    ? FieldName<Client, Model> & keyof Extract<Data, object>
    : never

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

/** What a target of any kind may say, as written in a config file. */
export interface CommonTargetInput<Client, Model, Include> {
  /** Stable name, unique among the targets: letters, digits, dots, dashes and underscores. */
  readonly name: string
  /** Model whose records the place follows. */
  readonly model: Model
  /** Relations that the target's functions read. */
  readonly include?: Include
  /** Records for which this is false do not show in the place. */
  readonly filter?: (record: RecordOf<Client, Model, Include>) => boolean
  /**
   * How many entries a comparison, or a batch, may remove before it stops the target and asks: more than `rows`, and more
   * than `share` of the target's entries. Deletions that were seen as changes do not count. `false` never asks.
   * @defaultValue `{ rows: 10, share: 0.2 }`
   */
  readonly removalLimit?: RemovalLimit | false
}
