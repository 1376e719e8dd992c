import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from '../../database/sql.ts'
import { inParallel } from '../documents/in-parallel.ts'
import type { DocumentWrite, PlaceAnswer, WriteSignals } from '../documents/place.ts'
import type { ConflictStore } from '../merge/conflicts.ts'
import { type Intent, intentOf } from './intent.ts'
import { change, finish, type Item, itemOf } from './item.ts'
import { BatchOutcomes, type Phase } from './outcomes.ts'
import { type Decision, decide, reasonOf } from './plan.ts'
import type { Problem } from './problem.ts'
import { type Remote, remoteOf } from './remote.ts'
import { settleIntent } from './settle.ts'
import type { MergeStore } from './store.ts'
import type { ApiTarget } from './target.ts'

/** What a batch works with. */
export interface BatchContext {
  readonly sql: Sql
  readonly store: MergeStore
  readonly conflicts: ConflictStore
}

const WAIT_MS = 100

/**
 * Writes records to an outside system, in rounds:
 *
 *     read ─▶ what became of a lost write? ─▶ merge ─▶ intents stored ─▶ put ─▶ answers stored
 *      ▲                                                                 │ 412, or the answer was lost
 *      └─────────────────────────────────────────────────────────────────┘
 *
 * A write is stored before it is sent, with everything that a repeat takes: whoever comes next, another worker after a
 * crash too, can find out whether it arrived before anything else is written.
 */
export class ApiBatch {
  readonly #context: BatchContext
  readonly #target: ApiTarget
  readonly #signals: WriteSignals
  readonly #remote: Remote
  readonly #outcomes: BatchOutcomes

  constructor(context: BatchContext, target: ApiTarget, signals: WriteSignals) {
    this.#context = context
    this.#target = target
    this.#signals = signals
    this.#remote = remoteOf(target, signals.abort)
    this.#outcomes = new BatchOutcomes(target, this.#remote)
  }

  /** @throws LaneFailure for what is no record's fault; what was answered before it is stored */
  async run(writes: readonly DocumentWrite[]): Promise<ReadonlyMap<string, PlaceAnswer>> {
    const { sql, store } = this.#context
    const ticket = writes[0]?.ticket ?? 0n
    const ids = writes.map(({ id }) => id)
    const known = await store.load(sql, this.#target.name, ticket, ids)
    const items = writes.flatMap((write): Item[] => {
      const one = known.get(write.id)
      // Another worker has a later ticket for it, and writes it.
      if (!one) this.#outcomes.answers.set(write.id, { status: 'superseded' })
      return one ? [itemOf(write, one)] : []
    })
    for (let left = items, round = 0; left.length > 0; round++) {
      if (round > 0) await this.#wait(round)
      const planned = await this.#prepare(left)
      const mine = await this.#save(left, ticket)
      for (const { write } of planned)
        if (!mine.has(write.id)) this.#outcomes.answers.set(write.id, { status: 'superseded' })
      await this.#send(planned.filter(({ write }) => mine.has(write.id)))
      await this.#save(left, ticket)
      if (this.#outcomes.failure) throw this.#outcomes.failure
      left = left.filter(({ write }) => !this.#outcomes.answers.has(write.id))
    }
    return this.#outcomes.answers
  }

  /** Reads and merges. @returns the items that have an intent to be sent */
  async #prepare(items: readonly Item[]): Promise<readonly Item[]> {
    const planned: Item[] = []
    const phase: Phase = { answered: 0, lost: [] }
    await inParallel(items, this.#target.concurrency, async (item) => {
      if (!this.#mayBegin(item)) return
      const problem = await this.#prepareOne(item, planned, phase)
      this.#outcomes.note(item, problem, phase)
    })
    await this.#outcomes.judge(phase, 0)
    return planned
  }

  /** @returns what kept it from being read or settled; undefined where it is planned or answered */
  async #prepareOne(item: Item, planned: Item[], phase: Phase): Promise<Problem | undefined> {
    const target = this.#target
    const { id, shown, ticket } = item.write
    if (!shown && !target.tombstone) return await this.#remove(item)
    const read = await this.#remote.get(id)
    if (!read.ok) return read.problem
    phase.answered++
    let place = read.value
    if (item.known.intent) {
      const settled = await settleIntent(target, this.#remote, item, item.known.intent, place)
      if (!settled.ok) return settled.problem
      place = settled.value
    }
    let decision: Decision
    try {
      decision = decide(target, item.write, place, item.known.base)
    } catch (error) {
      this.#outcomes.answers.set(id, {
        status: 'failed',
        code: 'DOCUMENT_FAILED',
        reason: reasonOf(target, error),
      })
      return undefined
    }
    if (decision.isWrite) {
      const intent = intentOf({ target: target.name, id, ticket }, place, decision.plan)
      change(item, { base: item.known.base, intent })
      planned.push(item)
    } else {
      finish(item, decision.plan)
      const { change } = decision
      this.#outcomes.answers.set(id, { status: 'written', base: decision.plan.base, change })
    }
    return undefined
  }

  async #remove(item: Item): Promise<Problem | undefined> {
    const { id, ticket } = item.write
    const agreed = Object.keys({ ...item.known.base, ...this.#target.strategies })
    if (this.#target.remove) {
      const removed = await this.#remote.remove(id, ticket)
      if (!removed.ok && removed.problem.kind !== 'missing') return removed.problem
    }
    finish(item, { base: {}, notes: [], agreed })
    this.#outcomes.answers.set(id, {
      status: 'written',
      base: {},
      ...(!this.#target.remove && { change: 'kept' }),
    })
    return undefined
  }

  async #send(items: readonly Item[]): Promise<void> {
    const phase: Phase = { answered: 0, lost: [] }
    await inParallel(items, this.#target.concurrency, async (item) => {
      const intent = item.known.intent as Intent
      if (!this.#mayBegin(item)) {
        change(item, { ...item.known, intent: null })
        return
      }
      const answer = await this.#remote.put(item.write.id, intent)
      if (answer.ok) {
        finish(item, intent)
        this.#outcomes.note(item, undefined, phase)
        this.#outcomes.answers.set(item.write.id, { status: 'written', base: intent.base })
        return
      }
      const { problem } = answer
      if (isCertain(problem)) change(item, { ...item.known, intent: null })
      const isGone = problem.kind === 'missing' && intent.from !== null
      this.#outcomes.note(
        item,
        isGone ? { kind: 'mismatch', status: 404, reason: problem.reason } : problem,
        phase,
      )
    })
    // It was read a moment ago: one record alone may be what the system breaks at.
    await this.#outcomes.judge(phase, 1)
  }

  #mayBegin({ write }: Item): boolean {
    if (this.#outcomes.failure) return false
    if (!this.#signals.leaving.aborted) return true
    this.#outcomes.answers.set(write.id, { status: 'leaving' })
    return false
  }

  /** @returns ids of those that are still this ticket's */
  async #save(items: readonly Item[], ticket: bigint): Promise<Set<string>> {
    const { sql, store, conflicts } = this.#context
    const { name } = this.#target
    const noted = items.flatMap(({ write: { id }, notes }) => notes.map((note) => ({ id, note })))
    const agreed = items.flatMap(({ write: { id }, agreed }) => agreed.map((header) => ({ id, header })))
    // Before the bases: a conflict that is listed twice is better than one that is not.
    if (noted.length > 0) await conflicts.save(sql, name, noted)
    if (agreed.length > 0) await conflicts.settle(sql, name, agreed)
    const dirty = items.filter(({ isDirty }) => isDirty)
    for (const item of items) Object.assign(item, { notes: [], agreed: [], isDirty: false })
    return await store.save(sql, name, ticket, new Map(dirty.map(({ write, known }) => [write.id, known])))
  }

  async #wait(round: number): Promise<void> {
    const ms = WAIT_MS * round * (0.5 + Math.random())
    await sleep(ms, undefined, { signal: this.#signals.leaving }).catch(() => {})
  }
}

/** Whether a call that failed was certainly not carried out. */
function isCertain(problem: Problem): boolean {
  if (problem.kind === 'lane' || problem.kind === 'broken') return problem.isClear
  return problem.kind !== 'unclear'
}
