import type { ErrorCode } from '../../errors.ts'
import type { LaneFailure } from '../../lane/failure.ts'
import type { DrawnTicket } from '../../lane/tickets.ts'
import type { Target } from '../../model/target.ts'

/** What a place shows of a record, as it is sent. */
export interface Shown {
  /** Whatever the place takes: its JSON decides whether it has changed. */
  readonly document: unknown
  /** What is derived from the record and has to go when it changes: keys of a cache. @defaultValue none */
  readonly keys?: readonly string[]
}

/** One record on its way to a place. */
export interface DocumentWrite {
  readonly id: string
  /** What it shows; undefined for a record that has no entry any more. */
  readonly shown: Shown | undefined
  /** The record, for what needs more than the document; undefined as `shown` is. */
  readonly record: object | undefined
  /** What was stored of it before; undefined for one that was never written. */
  readonly before: StoredDocument | undefined
  /** Keys that were derived of it earlier, of calls that nobody knows the end of too, and those that `shown` has. */
  readonly keys: readonly string[]
  /** The version of what was read: a place that compares versions refuses an older one. */
  readonly ticket: bigint
  /** What the database had seen after the job was fetched and before the record was read. */
  readonly snapshot: Pick<DrawnTicket, 'xmin' | 'xmax'>
}

/** What is stored of a record that was written. */
export interface StoredDocument {
  readonly ticket: bigint
  /** Fingerprint of the document; null while nobody knows what the place shows, `REMOVED` where it has no entry. */
  readonly hash: string | null
  readonly keys: readonly string[]
  /** What place and database last agreed on, for a kind that merges. */
  readonly base: Readonly<Record<string, unknown>>
}

/** What a place says about one record. */
export type PlaceAnswer =
  /**
   * `base`: what both agree on now, for a kind that merges. `change`: nothing had to be written (`unchanged`), or
   * somebody's value stays (`kept`).
   */
  | {
      readonly status: 'written'
      readonly base?: Readonly<Record<string, unknown>>
      readonly change?: 'unchanged' | 'kept'
    }
  /** Not begun, as the worker leaves. */
  | { readonly status: 'leaving' }
  /** Something newer stands there. With its version, where the place tells it. */
  | { readonly status: 'superseded'; readonly version?: bigint }
  /** The record can never be written as it is. @param reason without values of the record */
  | { readonly status: 'dead'; readonly reason: string }
  /** Perhaps the record's fault: it is tried again, a few times. @defaultValue code PLACE_REFUSED */
  | { readonly status: 'failed'; readonly reason: string; readonly code?: ErrorCode }

/** An entry that stands in a place. */
export interface PlaceEntry {
  /** The record's id. */
  readonly id: string
  /** What the entry shows, to be compared as JSON with what the record shows; undefined where the place does not tell. */
  readonly document?: unknown
  /** True for an entry of somebody else's: it is counted, and left alone. */
  readonly isForeign?: boolean
}

/** How a comparison judges entries, for a kind that merges. */
export interface EntryRules<T extends Target> {
  /** Whether the entry would be written, or something would be noted of it. */
  differs(target: T, record: object, entry: PlaceEntry, stored: StoredDocument | undefined): boolean
  /** Whether the entry of a record that does not exist is to go: it may be somebody else's. */
  isSurplus(target: T, stored: StoredDocument | undefined): boolean
}

/** Signals of a call: `abort` ends it, `leaving` asks to begin nothing more. */
export interface WriteSignals {
  readonly abort: AbortSignal
  readonly leaving: AbortSignal
}

/**
 * A place that takes whole documents by id, as a kind of target implements it. Everything else (reading records, what has
 * changed, tickets, order, retries, the circuit) is the same for all of them.
 */
export interface DocumentPlace<T extends Target = Target> {
  /** What it is called in logs and reasons, for example "index". */
  readonly noun: string
  /** Whether one worker at a time writes it: a place that cannot refuse an older version needs that. */
  readonly isExclusive: boolean
  /** Documents in one call of `apply`, at most. */
  readonly batchSize: number
  /**
   * Whether a record whose document is as it was is left out. A place that is told of every change keeps the keys of a
   * record that is gone, too: they may have come back unseen.
   * @defaultValue true
   */
  readonly skipsUnchanged?: boolean
  /** What the place shows of a record. What it throws is the record's fault, and makes a dead letter. */
  show(target: T, record: object): Shown
  /**
   * Writes records. It may be called again with the same ones, in any order of calls.
   * @returns an answer for each, by id; one that is missing counts as written
   * @throws LaneFailure for what is no record's fault: the batch is tried again, then its target waits
   */
  apply(
    target: T,
    writes: readonly DocumentWrite[],
    signals: WriteSignals,
  ): Promise<ReadonlyMap<string, PlaceAnswer>>
  /** One small call that shows whether the place answers. @throws LaneFailure */
  probe?(target: T, signals: WriteSignals): Promise<void>
  /**
   * Goes through all entries of a place, in pages. Without it the place is not compared.
   * @param pageSize entries in a page, about
   */
  list?(target: T, pageSize: number, signal: AbortSignal): AsyncIterable<readonly PlaceEntry[]>
  /** For a kind whose entries may differ from their records, or be somebody else's. */
  readonly comparison?: EntryRules<T>
  /** What an error of the place's client means; undefined for one that is not the place's. */
  failureOf?(error: unknown): LaneFailure | undefined
  close?(): Promise<void>
}
