import type { Logger } from 'pino'
import type { Environment } from '../config/environment.ts'
import type { Schemas } from '../config/schemas.ts'
import type { Sql } from '../database/sql.ts'
import type { EditRules } from '../inbound/edit-rules.ts'
import type { LaneFailure } from '../lane/failure.ts'
import type { LaneLocks } from '../lane/lock.ts'
import type { LaneRequest } from '../lane/outcome.ts'
import type { Outcomes } from '../lane/pending-write.ts'
import type { DataModel } from '../model/data-model.ts'
import type { Target } from '../model/target.ts'
import type { RecordReader } from '../source/record-reader.ts'
import type { Finding } from './finding.ts'
import type { OperatorView } from './operator.ts'

/*
 * Terminology (docs/glossary.md has all of it)
 *
 * change   the fact that a record was written: model, id, operation, when, by whom
 * target   a place that follows the records of a model
 * kind     what sort of place: `sheet`
 * sink     the code of a kind that writes to the place
 * lane     what one worker at a time may write: for a sheet the spreadsheet
 * base     the values that the place and the database last agreed on
 * conflict a value that somebody changed in the place since the base, while the database changed it too
 * outcome  what became of a record: done, dead, deferred (nobody's fault, no attempt used), failed
 */

/** A call to a place, for counting. */
export interface PlaceCall {
  readonly kind: 'read' | 'write'
  readonly ms: number
  readonly failed: boolean
  /** The kind of the place. */
  readonly place?: string
}

/** What the sinks of a worker process work with. */
export interface WorkerServices {
  /** For statements that need no lane: a pool. */
  readonly sql: Sql
  readonly schemas: Schemas
  readonly dataModel: DataModel
  readonly environment: Environment
  readonly reader: RecordReader
  readonly log: Logger
  /** Name of this worker, for people to see who holds a lane. */
  readonly holder: string
  /** The lanes that this worker holds. */
  readonly locks: LaneLocks
  /** Called after every call to the place, for metrics and traces. */
  readonly onCall: (call: PlaceCall, failure: LaneFailure | undefined) => void
  /** Called when entries that no request named lack something: the caller compares place and table then. */
  readonly onIncomplete: (target: string, reason: string) => void
}

/** What a kind needs to hear of people's edits. */
export type ListenServices = Pick<WorkerServices, 'sql' | 'schemas' | 'environment' | 'holder'>

/** Tells in which places people may have changed something, without a look at each of them. */
export interface EditListener {
  /** How often to ask, in milliseconds. */
  readonly everyMs: number
  /**
   * Asks. Every worker may call it: what one has heard within the interval the others do not ask for again.
   * @param found takes the lanes to look at; they are told again when it rejects
   */
  ask(found: (lanes: readonly string[]) => Promise<void>, signal: AbortSignal): Promise<void>
}

/** Options of a comparison. */
export interface CompareOptions {
  /**
   * Entries in a page, at most.
   * @defaultValue 2000
   */
  readonly pageRows?: number
  readonly signal?: AbortSignal
}

/** What was found in one page of a place. */
export interface ComparedPage {
  /** Entries that have a key. */
  readonly rows: number
  /** Ids of the records that have an entry, whether it is right or not. */
  readonly ids: readonly string[]
  /** Records whose entry would be written, or of which something would be noted: an edit of a person's that stays. */
  readonly differs: readonly string[]
  /** Records that are deleted and whose entry is still there. */
  readonly surplus: readonly string[]
  /** Records that have an entry and cannot be read: nothing is known of what it should show. */
  readonly unreadable: readonly string[]
  /** Records that have an entry further up already. */
  readonly duplicates: readonly string[]
  /** Entries of people: with a key that is no record's, or with values of ours but no key. */
  readonly unknown: number
}

/** How often a place is looked at for edits. */
export interface LookWishes {
  /** Longest time between two looks while people work in it. */
  readonly everySeconds: number
  /** True where something else tells of edits. */
  readonly isTold: boolean
}

/** Records whose place shows something that people may have changed. */
export interface FoundEdits {
  /** Ids by target name. A batch that writes them sees for itself, and puts what it finds into the inbox. */
  readonly records: ReadonlyMap<string, readonly string[]>
}

/** Writes records to places of one kind. One per worker process. */
export interface StateSink<T extends Target = Target> {
  /**
   * Brings records up to date in one lane. Calls for the same lane share what is read and written.
   * @param lane the lane that all targets of `requests` are in
   * @param signal abort it to leave: what has not been begun is handed back at once
   * @returns an outcome for every record, by target name and id; it never rejects for trouble with the place
   */
  write(lane: string, requests: readonly LaneRequest<T>[], signal?: AbortSignal): Promise<Outcomes>
  /** Compares a place with its records, a page at a time; writes nothing. A place that does not exist has no pages. */
  compare(target: T, options?: CompareOptions): AsyncIterable<ComparedPage>
  /**
   * Looks for what people changed, where something comes back from the kind's places.
   * @param lane the lane that all of the targets are in
   * @param editor who edited, where something told of it
   * @throws LaneFailure when the place cannot be read
   */
  findEdits?(
    lane: string,
    targets: readonly T[],
    editor: string | undefined,
    signal: AbortSignal,
  ): Promise<FoundEdits>
  /** Waits for what is under way, then closes every connection. */
  close(): Promise<void>
}

/**
 * A kind of target: everything that the rest of the library has to know of it. Every process that has the configuration
 * loads it, a web process too: what writes is loaded by `open` only.
 */
export interface TargetKind<T extends Target = Target> {
  readonly kind: T['kind']
  /**
   * Checks what a config file says of one target.
   * @throws WritebackError `CONFIG_INVALID` that names the target and every option that is wrong
   */
  resolve(dataModel: DataModel, input: unknown): T
  /**
   * Checks all targets of the kind together.
   * @throws WritebackError `CONFIG_INVALID` for two that would write the same place
   */
  assertApart?(targets: readonly T[]): void
  /**
   * Checks the environment of a process that writes.
   * @throws WritebackError `ENV_INVALID`
   */
  checkEnvironment?(environment: Environment): void
  /** What `sync_target.place` says of a target whose place has not been seen yet. @defaultValue nothing */
  placeOf?(target: T): Readonly<Record<string, unknown>>
  /**
   * Called by the release step with all targets of the kind: makes their places, or changes their settings. Safe to run
   * again, and while workers run.
   * @returns what was found; a place that is away is a warning, as the worker does the same when it writes
   */
  prepare?(targets: readonly T[]): Promise<readonly Finding[]>
  /** What people may change in the target's place; undefined where nothing comes back. */
  editRules?(target: T, dataModel: DataModel): EditRules | undefined
  /** Called once in a worker process: hears of edits, where one of the targets asks for that. */
  listen?(targets: readonly T[], services: ListenServices): Promise<EditListener | undefined>
  /** How often the target's place is to be looked at for edits. */
  looks?(target: T): LookWishes | undefined
  /** Called once in a worker process that has targets of this kind. */
  open(services: WorkerServices): Promise<StateSink<T>>
  readonly operator: OperatorView<T>
}

/** A target with its kind: what `sheetTarget({...})` and its like return. */
export type OfKind<T extends Target> = T & { readonly definition: TargetKind<T> }

/** The kind of a target. @throws TypeError for what none of the functions of `forClient` made */
export function kindOf(target: Target): TargetKind {
  const { definition } = target as Partial<OfKind<Target>>
  if (definition === undefined) throw new TypeError(`target ${target.name} has no kind`)
  return definition
}

/** Kinds that some targets are of, each with its own. */
export function byKind<T extends Target>(targets: readonly T[]): ReadonlyMap<TargetKind, readonly T[]> {
  return Map.groupBy(targets, kindOf)
}
