import { z } from 'zod'
import { isAsync } from '../../config/describe.ts'
import { checkCommon, commonOptions, whereOf } from '../../config/target-options.ts'
import type { CommonTargetInput, RecordOf } from '../../config/typed.ts'
import { checked } from '../../config/zod-error.ts'
import type { DataModel } from '../../model/data-model.ts'
import type { Target } from '../../model/target.ts'
import type { PlaceEntry } from '../documents/place.ts'

/** What a custom target's functions get beside the document. */
export interface CustomCall {
  /** Id of the record, as text. */
  readonly id: string
  /** The version of what was read: of two calls for one record the higher is the newer state. */
  readonly ticket: bigint
  /** Aborted when the worker leaves, and cannot wait any longer. */
  readonly signal: AbortSignal
}

/** A place that the application's own functions write, as the worker sees it. */
export interface CustomTarget extends Target {
  readonly kind: 'custom'
  readonly document: ((record: never) => unknown) | undefined
  readonly upsert: (document: unknown, call: CustomCall) => unknown
  readonly remove: (call: CustomCall) => unknown
  readonly list:
    | ((options: { pageSize: number; signal: AbortSignal }) => AsyncIterable<readonly PlaceEntry[]>)
    | undefined
  readonly probe: ((options: { signal: AbortSignal }) => unknown) | undefined
  readonly versions: boolean
  readonly concurrency: number
}

const anyFunction = <Type>(expected: string) =>
  z.custom<Type>((given) => typeof given === 'function', expected)

/** Shape check of the options. */
const customTargetSchema = z.strictObject({
  ...commonOptions,
  document: z
    .custom<(record: never) => unknown>(
      (given) => typeof given === 'function' && !isAsync(given),
      'expected a function of the record that is not async',
    )
    .optional(),
  upsert: anyFunction<CustomTarget['upsert']>(
    'expected a function: (document, { id, ticket, signal }) => ...',
  ),
  remove: anyFunction<CustomTarget['remove']>('expected a function: ({ id, ticket, signal }) => ...'),
  list: anyFunction<NonNullable<CustomTarget['list']>>(
    'expected a function: ({ pageSize, signal }) => an async iterable of pages of { id, document }',
  ).optional(),
  probe: anyFunction<NonNullable<CustomTarget['probe']>>(
    'expected a function: ({ signal }) => ...',
  ).optional(),
  versions: z.boolean().default(false),
  concurrency: z.number().int().min(1).max(100).default(8),
})

/** A target as written in a config file. */
export interface CustomTargetInput<Client, Model, Include, Document>
  extends CommonTargetInput<Client, Model, Include> {
  /**
   * What the place gets of a record, as JSON. It must depend on nothing but the record: a record whose document is as it
   * was is not sent again.
   * @defaultValue the record, with what `include` adds
   */
  readonly document?: (record: RecordOf<Client, Model, Include>) => Document
  /**
   * Writes one document. It may be called again with the same one. What it throws counts as an attempt of its record,
   * unless it is a `PlaceAway` (nobody's fault: the target waits) or a `RecordRefused` (never tried again).
   */
  readonly upsert: (document: Document, call: CustomCall) => unknown
  /** Removes one entry; one that is not there is no error. */
  readonly remove: (call: CustomCall) => unknown
  /** Goes through all entries, in pages, for the comparison. Without it `reconcile` relies on what it has written. */
  readonly list?: (options: { pageSize: number; signal: AbortSignal }) => AsyncIterable<readonly PlaceEntry[]>
  /** One small call that throws while the place is away. */
  readonly probe?: (options: { signal: AbortSignal }) => unknown
  /**
   * True for a place that keeps the ticket and refuses a lower one (`upsert` answers 'superseded' then): several workers
   * write it at once. Otherwise one worker at a time does.
   * @defaultValue false
   */
  readonly versions?: boolean
  /**
   * Calls at a time.
   * @defaultValue 8
   */
  readonly concurrency?: number
}

/**
 * Checks what was given to `customTarget`.
 * @throws WritebackError `CONFIG_INVALID`
 */
export function resolveCustomTarget(dataModel: DataModel, input: unknown): CustomTarget {
  const where = whereOf('customTarget', dataModel, input)
  const { document, list, probe, ...parsed } = checked(customTargetSchema, input, where)
  checkCommon(dataModel, where, parsed)
  return {
    kind: 'custom',
    lane: `custom:${parsed.name}`,
    fields: undefined,
    document,
    list,
    probe,
    ...parsed,
  }
}
