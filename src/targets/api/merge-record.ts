import { timesOf } from '../../config/conflict.ts'
import { type ConflictNote, decideValue, type ValueRules } from '../merge/decide-value.ts'
import { decideQuantity, type QuantityBase } from '../merge/delta.ts'
import type { Settled } from '../merge/settled.ts'
import type { ChangeTimes } from '../merge/values.ts'
import { isSame, toJson } from './fields.ts'
import { type ApiStrategy, type ApiTarget, type PlaceFields, strategyOf } from './target.ts'

/** What database and place last agreed on, by field. As stored in `sync_record.base`. */
export type Base = Readonly<Record<string, unknown>>

/** A record, merged from what both sides say and the base. */
export interface MergedRecord {
  /** Everything that the place shall have of the document. */
  readonly fields: PlaceFields
  /** Whether that is not what it has. */
  readonly hasChanged: boolean
  readonly movements: Readonly<Record<string, string>>
  /** What both agree on once the place has it. */
  readonly base: Base
  readonly notes: readonly ConflictNote[]
  /** Fields whose open conflicts are over. */
  readonly agreed: readonly string[]
}

/** What a record is merged from. */
export interface MergeCase {
  readonly record: object
  /** What the database says. */
  readonly wanted: PlaceFields
  /** What the place has; null where it has nothing. */
  readonly shown: PlaceFields | null
  readonly base: Base
}

const RULES: ValueRules<unknown> = {
  same: isSame,
  isSettled: (base): base is Settled<unknown> => isSettled(base),
  isWritable: (_value): _value is unknown => true,
  read: (value) => value ?? null,
  fit: (value) => toJson(value),
  words: { place: 'place', changed: 'changed', part: 'field' },
}

const PARTS = ['from', 'kept', 'over', 'seen']

/** Whether a base is a decision, and not an object that both sides have. */
export function isSettled(base: unknown): base is Settled<unknown> {
  if (typeof base !== 'object' || base === null) return false
  return Object.keys(base).sort().join() === PARTS.join()
}

/** Merges a record, field by field. Pure, except for the configuration's functions. */
export function mergeRecord(target: ApiTarget, given: MergeCase): MergedRecord {
  const { wanted, shown } = given
  const fields: Record<string, unknown> = {}
  const movements: Record<string, string> = {}
  const next: Record<string, unknown> = {}
  const notes: ConflictNote[] = []
  const agreed: string[] = []
  let hasChanged = shown === null
  for (const name of Object.keys(wanted)) {
    const there = shown && own(shown, name)
    const decision = decideField(target, name, given, there)
    if (decision.movement !== undefined) movements[name] = decision.movement
    if (decision.write !== undefined) hasChanged = true
    fields[name] = decision.write === undefined ? (there ?? null) : decision.write
    if (decision.base !== undefined) next[name] = decision.base
    if (decision.conflict) notes.push(decision.conflict)
    if (!decision.isOpen) agreed.push(name)
  }
  return { fields, hasChanged, movements, base: next, notes, agreed }
}

interface FieldDecision {
  readonly write?: unknown
  readonly movement?: string
  readonly base?: unknown
  readonly conflict?: ConflictNote
  /** Whether the place shows something else than the database because somebody wants it so, or has to say. */
  readonly isOpen: boolean
}

function decideField(
  target: ApiTarget,
  name: string,
  { record, wanted, shown, base }: MergeCase,
  there: unknown,
): FieldDecision {
  const strategy = strategyOf(target, name)
  const ours = wanted[name]
  const known = own(base, name)
  if (strategy === 'delta') {
    const decision = decideQuantity({
      ...{ header: name, wanted: ours, shown: there },
      base: known as QuantityBase | undefined,
    })
    return { ...decision, isOpen: decision.conflict?.open === true }
  }
  if (shown === null) return { write: ours, base: ours, isOpen: false }
  const decision = decideValue<unknown, unknown>({
    ...{ header: name, wanted: ours, shown: there ?? null, base: known ?? null, strategy },
    rules: RULES,
    times: () => times(strategy, record, shown),
  })
  const isOpen = decision.conflict?.open === true || isSettled(decision.base)
  return { ...decision, isOpen }
}

function times(strategy: ApiStrategy, record: object, shown: PlaceFields): ChangeTimes {
  const where = timesOf(strategy as Exclude<ApiStrategy, { merge: unknown }>)
  if (where === undefined) return { database: null, place: null }
  const there = own(shown, where.placeField)
  const time = typeof there === 'string' || typeof there === 'number' ? new Date(there) : null
  const changed = (record as Record<string, unknown>)[where.field]
  return {
    database: changed instanceof Date ? changed : null,
    place: time !== null && !Number.isNaN(time.getTime()) ? time : null,
  }
}

function own(from: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(from, name) ? from[name] : undefined
}
