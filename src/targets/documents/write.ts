import { setTimeout as sleep } from 'node:timers/promises'
import { isWritebackError, messageOf, type WritebackError } from '../../errors.ts'
import { LaneFailure } from '../../lane/failure.ts'
import { LEAVING, type Outcome } from '../../lane/outcome.ts'
import type { DrawnTicket } from '../../lane/tickets.ts'
import type { Target } from '../../model/target.ts'
import type { RecordsRead } from '../../source/records-read.ts'
import { removalHold } from '../removal-hold.ts'
import type { DocumentContext } from './context.ts'
import { fingerprint, REMOVED } from './fingerprint.ts'
import { outcomesOfNewer, UNCHANGED } from './newer.ts'
import type {
  DocumentPlace,
  DocumentWrite,
  PlaceAnswer,
  Shown,
  StoredDocument,
  WriteSignals,
} from './place.ts'
import type { DocumentStore, Written } from './store.ts'

/** How often a call that failed is repeated before its target waits, and the wait before it in ms. */
const REPEATS = 1
const REPEAT_AFTER_MS = 300
/** How long a target waits whose records cannot be relied on. */
const UNREADABLE_RETRY_MS = 60_000

/** Records of one target that are brought up to date together. */
export interface DocumentJob<T extends Target> {
  readonly target: T
  readonly ids: readonly string[]
  /** Records whose deletion nobody has seen, with the time when each was asked for. */
  readonly unseen: ReadonlyMap<string, Date>
}

/** What became of them. */
export interface DocumentsWritten {
  readonly outcomes: Map<string, Outcome>
  /** What ended it, where the place could not be written: records without an outcome wait. */
  readonly failure?: LaneFailure
}

/** A record that is to be sent, with the fingerprint of what it shows. */
interface Pending extends DocumentWrite {
  readonly hash: string
}

/**
 * Brings records of one target up to date:
 *
 *     ticket drawn ─▶ records read ─▶ what they show ─▶ unchanged? done ─▶ noted ─▶ sent ─▶ answers stored
 *
 * The order is what makes it right: see {@link Tickets}, and {@link DocumentStore.intend}.
 */
export async function writeDocuments<T extends Target>(
  context: DocumentContext,
  place: DocumentPlace<T>,
  { target, ids, unseen }: DocumentJob<T>,
  signals: WriteSignals,
): Promise<DocumentsWritten> {
  const { sql, reader, store, states, tickets, log } = context
  const outcomes = new Map<string, Outcome>()
  const drawn = await tickets.draw(sql)
  const { ticket } = drawn
  let read: RecordsRead
  try {
    read = await reader.read(target, ids)
  } catch (error) {
    if (!isWritebackError(error, 'TARGET_UNREADABLE', 'RECORDS_HIDDEN')) throw error
    await deferAll(context, target, error, ids, outcomes)
    return { outcomes }
  }
  const stored = await store.load(sql, target.name, ids)
  const decided = decide(place, target, ids, read, stored, drawn, outcomes)
  const pending = await leaveOutUnchanged(context, place, target, decided, outcomes)
  const held = await removalHold(states, sql, {
    target,
    ids: pending.flatMap(({ id, shown, before }) =>
      shown === undefined && before !== undefined ? [id] : [],
    ),
    unconfirmed: read.unconfirmed ?? new Set(),
    unseen,
    noun: 'entries',
    count: () => store.count(sql, target.name),
  })
  if (held) {
    if (held.asks && (await states.stop(sql, target.name, held.error)))
      log.error({ target: target.name, code: held.error.code }, held.error.message)
    for (const { id } of pending.splice(0)) outcomes.set(id, deferred(held.error, UNREADABLE_RETRY_MS))
  }
  const progress = {
    calls: 0,
    written: 0,
    removed: 0,
    succeeded: outcomes.size > 0 && pending.length === 0 && !held,
  }
  let failure: LaneFailure | undefined
  for (let at = 0; at < pending.length && failure === undefined; at += place.batchSize) {
    const chunk = pending.slice(at, at + place.batchSize)
    if (signals.leaving.aborted) {
      for (const { id } of chunk) outcomes.set(id, LEAVING)
      continue
    }
    const mine = await store.intend(sql, target.name, chunk, ticket)
    const writes = chunk.flatMap((one) => {
      const keys = mine.get(one.id)
      return keys ? [{ ...one, keys }] : []
    })
    for (const { id } of chunk) if (!mine.has(id)) outcomes.set(id, UNCHANGED)
    if (writes.length === 0) continue
    const answers = await send(context, place, target, writes, signals, progress)
    if (answers instanceof LaneFailure) failure = answers
    else await settle(context, place, target, writes, answers, outcomes, progress)
  }
  if (progress.calls > 0 || progress.succeeded) await store.recordProgress(sql, target.name, progress)
  return { outcomes, ...(failure && { failure }) }
}

function deferred(error: WritebackError, retryAfterMs: number): Outcome {
  return { status: 'deferred', code: error.code, reason: error.message, retryAfterMs }
}

/** Nothing of a target is written while its records cannot be relied on. */
async function deferAll(
  { sql, states, log }: DocumentContext,
  target: Target,
  error: WritebackError,
  ids: readonly string[],
  outcomes: Map<string, Outcome>,
): Promise<void> {
  log.error({ target: target.name, code: error.code }, error.message)
  await states.recordError(sql, [target.name], error.code, error.message)
  for (const id of ids) outcomes.set(id, deferred(error, UNREADABLE_RETRY_MS))
}

/** What has to be sent; the others get their outcome. */
function decide<T extends Target>(
  place: DocumentPlace<T>,
  target: T,
  ids: readonly string[],
  { records, failed }: RecordsRead,
  stored: ReadonlyMap<string, StoredDocument>,
  { ticket, xmin, xmax }: DrawnTicket,
  outcomes: Map<string, Outcome>,
): Pending[] {
  return ids.flatMap((id): Pending[] => {
    const problem = failed.get(id)
    if (problem) {
      outcomes.set(id, { status: 'failed', code: problem.code, reason: problem.message })
      return []
    }
    const record = records.get(id)
    let shown: Shown | undefined
    let hash = REMOVED
    try {
      shown = record && place.show(target, record)
      if (shown) hash = fingerprint(shown)
    } catch (error) {
      outcomes.set(id, failedDocument(target, error))
      return []
    }
    const before = stored.get(id)
    if (before !== undefined && before.ticket > ticket) {
      outcomes.set(id, UNCHANGED)
      return []
    }
    return [{ id, shown, record, before, keys: shown?.keys ?? [], ticket, snapshot: { xmin, xmax }, hash }]
  })
}

/**
 * Takes out the records whose place shows them already. An earlier ticket that was read in between, while the record was
 * another, must not be sent after that: the later ticket is noted.
 */
async function leaveOutUnchanged<T extends Target>(
  { sql, store }: DocumentContext,
  { skipsUnchanged = true }: DocumentPlace<T>,
  target: T,
  decided: readonly Pending[],
  outcomes: Map<string, Outcome>,
): Promise<Pending[]> {
  const same = skipsUnchanged ? decided.filter(({ before, hash }) => before?.hash === hash) : []
  const [first] = same
  const confirmed = first ? await store.confirm(sql, target.name, same, first.ticket) : new Set()
  return decided.filter(({ id }) => {
    if (confirmed.has(id)) outcomes.set(id, UNCHANGED)
    return !confirmed.has(id)
  })
}

function failedDocument(target: Target, error: unknown): Outcome {
  if (isWritebackError(error)) return { status: 'dead', code: error.code, reason: error.message }
  // The message may quote the record.
  const what = error instanceof Error ? error.name : typeof error
  const reason = `the function of target ${target.name} that makes a document threw ${what}`
  return { status: 'failed', code: 'DOCUMENT_FAILED', reason }
}

/** Makes a call, and repeats it where that may help. */
async function send<T extends Target>(
  { onCall }: DocumentContext,
  place: DocumentPlace<T>,
  target: T,
  writes: readonly Pending[],
  signals: WriteSignals,
  progress: { calls: number },
): Promise<ReadonlyMap<string, PlaceAnswer> | LaneFailure> {
  for (let repeats = 0; ; repeats++) {
    const began = performance.now()
    progress.calls++
    try {
      const answers = await place.apply(target, writes, signals)
      onCall({ kind: 'write', ms: performance.now() - began, failed: false }, undefined)
      return answers
    } catch (error) {
      const failure = error instanceof LaneFailure ? error : place.failureOf?.(error)
      onCall({ kind: 'write', ms: performance.now() - began, failed: true }, failure)
      if (failure === undefined) throw error
      const mayHelp = failure.kind === 'transient' || failure.kind === 'unclear'
      if (!mayHelp || repeats >= REPEATS || signals.leaving.aborted) return failure
      await sleep(REPEAT_AFTER_MS * (0.5 + Math.random()))
    }
  }
}

/** Takes the answers of a call. */
async function settle(
  context: DocumentContext,
  { skipsUnchanged = true }: Pick<DocumentPlace, 'skipsUnchanged'>,
  target: Target,
  writes: readonly Pending[],
  answers: ReadonlyMap<string, PlaceAnswer>,
  outcomes: Map<string, Outcome>,
  progress: { written: number; removed: number; succeeded: boolean },
): Promise<void> {
  const { sql, store } = context
  const ticket = writes[0]?.ticket ?? 0n
  const written: Written[] = []
  const newer = new Map<string, bigint | undefined>()
  for (const { id, shown, hash, before, keys } of writes) {
    const answer: PlaceAnswer = answers.get(id) ?? { status: 'written' }
    switch (answer.status) {
      case 'written':
        written.push({
          id,
          hash,
          keys: shown ? (shown.keys ?? []) : skipsUnchanged ? [] : keys,
          base: answer.base ?? before?.base ?? {},
        })
        outcomes.set(id, { status: 'done', change: answer.change ?? (shown ? 'written' : 'removed') })
        if (answer.change === undefined) {
          if (shown) progress.written++
          else progress.removed++
        }
        progress.succeeded = true
        break
      case 'leaving':
        outcomes.set(id, LEAVING)
        break
      case 'superseded':
        newer.set(id, answer.version)
        break
      case 'dead':
        outcomes.set(id, {
          status: 'dead',
          code: 'PLACE_REFUSED',
          reason: messageOf({ message: answer.reason }),
        })
        break
      case 'failed':
        outcomes.set(id, {
          status: 'failed',
          code: answer.code ?? 'PLACE_REFUSED',
          reason: messageOf({ message: answer.reason }),
        })
    }
  }
  await store.save(sql, target.name, ticket, written)
  for (const [id, outcome] of await outcomesOfNewer(context, target, ticket, newer)) outcomes.set(id, outcome)
}
