import { isWritebackError } from '../../errors.ts'
import type { DocumentWrite } from '../documents/place.ts'
import { type Decimal, decimalOf, minus, textOfDecimal } from '../merge/decimal.ts'
import { fieldsIn, isSameValue } from './fields.ts'
import type { Plan } from './intent.ts'
import { type Base, mergeRecord } from './merge-record.ts'
import { type ApiTarget, isQuantity, type PlaceFields, type PlaceRecord } from './target.ts'

/** What is to be done about a record: a write, or nothing, with what that means for it. */
export interface Decision {
  readonly plan: Plan
  readonly isWrite: boolean
  /** What becomes of it where nothing is written: it is in order, or somebody's value stays. */
  readonly change: 'unchanged' | 'kept'
}

const ZERO: Decimal = { units: 0n, digits: 0 }

/**
 * Decides about a record, or about the entry of one that does not exist.
 * @throws what the functions of the configuration throw
 */
export function decide(
  target: ApiTarget,
  { shown, record }: DocumentWrite,
  place: PlaceRecord | null,
  base: Base,
): Decision {
  if (!shown || !record) return decideGone(target, place, Object.keys({ ...base, ...target.strategies }))
  const wanted = shown.document as PlaceFields
  const merged = mergeRecord(target, { record, wanted, shown: place?.fields ?? null, base })
  const { fields: to, movements, base: next, notes, agreed, hasChanged } = merged
  return {
    plan: { to, movements, base: next, notes, agreed },
    isWrite: hasChanged,
    change: agreed.length < Object.keys(wanted).length ? 'kept' : 'unchanged',
  }
}

/** In words that have no value of a record: what a function of the configuration throws may quote one. */
export function reasonOf({ name }: ApiTarget, error: unknown): string {
  if (isWritebackError(error)) return error.message
  return `a function of target ${name} threw ${error instanceof Error ? error.name : typeof error}`
}

/** The entry stays, with values that say that the record is gone. */
function decideGone(target: ApiTarget, place: PlaceRecord | null, agreed: readonly string[]): Decision {
  const nothing = { to: {}, movements: {}, base: {}, notes: [], agreed }
  if (!place || !target.tombstone) return { plan: nothing, isWrite: false, change: 'unchanged' }
  const { fields } = place
  const to = fieldsIn(target, 'tombstone', target.tombstone(fields))
  const changed = Object.keys(to).filter((name) => !isSameValue(target, name, fields[name] ?? null, to[name]))
  const movements = Object.fromEntries(
    changed.flatMap((name) => {
      if (!isQuantity(target, name)) return []
      return [[name, textOfDecimal(minus(decimalOf(to[name]) ?? ZERO, decimalOf(fields[name]) ?? ZERO))]]
    }),
  )
  // Should the record come back, it is this that both sides agreed on.
  return {
    plan: { to, movements, base: to, notes: [], agreed },
    isWrite: changed.length > 0,
    change: 'unchanged',
  }
}
