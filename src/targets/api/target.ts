import type { ConflictStrategy, NumberRule } from '../../config/conflict.ts'
import type { Target } from '../../model/target.ts'

/** Values by name, as JSON has them: a date is its ISO text, a Decimal or bigint its digits as text. */
export type PlaceFields = Readonly<Record<string, unknown>>

/** What a function of the configuration says that the outside system has of a record, to be checked. */
export interface GivenRecord {
  /** Values by name. */
  readonly fields: unknown
  /** What changes whenever anybody changes the record there: a version, an `ETag`. */
  readonly etag?: string | null | undefined
}

/** What the outside system has of a record. */
export interface PlaceRecord {
  readonly fields: PlaceFields
  readonly etag?: string
}

/** Where the times of changes are found, for the strategies that compare them. */
export interface ApiTimes {
  /** DateTime field of the record that says when it was changed, for example `updatedAt`. */
  readonly field: string
  /** Field of the outside system that says when it was changed there. */
  readonly placeField: string
}

/**
 * What happens to a value that somebody changed in the outside system since it and the database last agreed: as with
 * sheets, with `place-wins` for `sheet-wins`.
 */
export type ApiStrategy =
  | Exclude<ConflictStrategy<ApiTimes>, 'sheet-wins' | { readonly merge: unknown }>
  | { readonly merge: { readonly numbers: Exclude<NumberRule, 'sheet'> } }

/** `delta`: a quantity. The outside system gets the database's movements, and keeps its own. */
export type FieldStrategy = ApiStrategy | 'delta'

/** What a read gets beside the id. */
export interface ReadCall {
  /** Aborted when the time is over, or the worker leaves and cannot wait any longer. */
  readonly signal: AbortSignal
}

/** What a removal gets. */
export interface RemoveCall extends ReadCall {
  readonly id: string
  /** The same for a repeat of the same call. */
  readonly idempotencyKey: string
  readonly ticket: bigint
}

/** What a write gets beside the fields. */
export interface PutCall extends RemoveCall {
  /** The `etag` that `get` returned: the write is to be refused (412) where it is another one by now. */
  readonly ifMatch?: string
  /** Set where `get` returned null: the write is to be refused (412) where the record exists by now. */
  readonly ifNoneMatch?: '*'
  /** What `get` returned; null where there was nothing. */
  readonly place: PlaceFields | null
  /** By how much each quantity (`delta`) is to change, as decimal text, for systems that take movements. */
  readonly movements: Readonly<Record<string, string>>
}

/** An outside system of record, as the worker sees it. */
export interface ApiTarget extends Target {
  readonly kind: 'api'
  readonly document: (record: never) => unknown
  readonly get: (id: string, call: ReadCall) => unknown
  readonly put: (fields: never, call: PutCall) => unknown
  readonly remove: ((call: RemoveCall) => unknown) | undefined
  readonly tombstone: ((fields: PlaceFields) => unknown) | undefined
  readonly list:
    | ((options: {
        pageSize: number
        signal: AbortSignal
      }) => AsyncIterable<readonly (GivenRecord & { readonly id: string })[]>)
    | undefined
  readonly probe: ((call: ReadCall) => unknown) | undefined
  readonly conflict: ApiStrategy
  /** Strategies of single fields. */
  readonly strategies: Readonly<Record<string, FieldStrategy>>
  /** For how long the outside system remembers an idempotency key; 0 where it knows none. */
  readonly keysKeptHours: number
  readonly concurrency: number
  readonly timeoutMs: number
}

/** The strategy of a field. */
export function strategyOf({ strategies, conflict }: ApiTarget, name: string): FieldStrategy {
  return Object.hasOwn(strategies, name) ? (strategies[name] ?? conflict) : conflict
}

export function isQuantity(target: ApiTarget, name: string): boolean {
  return strategyOf(target, name) === 'delta'
}
