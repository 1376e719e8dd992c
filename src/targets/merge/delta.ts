import type { ConflictNote } from './decide-value.ts'
import { type Decimal, decimalOf, isSameNumber, minus, plus, textOfDecimal } from './decimal.ts'
import type { Settled } from './settled.ts'

/** A quantity as JSON has it. */
export type Quantity = number | string

/**
 * What is known of one quantity, as stored in `sync_record.base`: the database's quantity whose movements the place has
 * got, a decision of a person's, or `unsure` while nobody knows whether it has got those since.
 */
export type QuantityBase = Quantity | Settled<Quantity> | { readonly unsure: Quantity | Settled<Quantity> }

/** What happens to one quantity. */
export interface QuantityDecision {
  /** What the place shall have; undefined to leave it as it is. */
  readonly write?: Quantity
  /** By how much that is more than what it has, as decimal text. */
  readonly movement?: string
  /** Undefined while nothing is agreed on. */
  readonly base: QuantityBase | undefined
  readonly conflict?: ConflictNote
}

/** What decides about one quantity. */
export interface QuantityCase {
  readonly header: string
  /** What the database says; null where it says nothing. */
  readonly wanted: unknown
  /** What the place has; null where it has no number, or no entry at all. */
  readonly shown: unknown
  readonly base: QuantityBase | undefined
}

/**
 * Merges a quantity: what the place has, and by how much the database's has changed since the place last followed. The
 * place keeps what others moved there, and the base is the database's quantity, not the place's: they differ by just that.
 *
 *     base 100    database 95 (5 sold here)    place 120 (20 came in there)    the place gets 115, the base is 95
 *
 * - A place that has none gets the database's.
 * - Without a base nobody knows what of the database's the place has: its own quantity stands, and counting begins here.
 */
export function decideQuantity({ header, wanted, shown, base }: QuantityCase): QuantityDecision {
  const own = decimalOf(wanted)
  if (own === undefined) return { base }
  const ours = wanted as Quantity
  if (shown === null || shown === undefined) return { write: ours, movement: textOfDecimal(own), base: ours }
  const there = decimalOf(shown)
  const note = (winner: 'sheet' | 'none', reason: string): ConflictNote => ({
    ...{ header, base: shownBase(base), database: wanted, sheet: shown },
    ...{ winner, reason, open: winner === 'none' },
  })
  if (there === undefined) {
    return { base, conflict: note('none', 'the place has something that is no number; waits for a decision') }
  }
  if (base === undefined) {
    const reason =
      "nothing was agreed on before; the place's quantity stands, and movements from here on are added"
    return isSameNumber(own, there) ? { base: ours } : { base: ours, conflict: note('sheet', reason) }
  }
  if (isUnsure(base)) {
    const reason =
      "the answer of a write was lost, and somebody else changed the quantity since: whether the place has the database's movement is not known; waits for a decision"
    return { base, conflict: note('none', reason) }
  }
  const movement = movementSince(base, own)
  // What is stored was a number when it was stored.
  if (movement === undefined || movement.units === 0n) return { base: ours }
  const write = alike(plus(there, movement), shown)
  return { write, movement: textOfDecimal(movement), base: ours }
}

/** By how much the database's quantity, and a person's decision, differ from what the place has got. */
function movementSince(base: Quantity | Settled<Quantity>, own: Decimal): Decimal | undefined {
  if (typeof base !== 'object') {
    const before = decimalOf(base)
    return before && minus(own, before)
  }
  const [over, kept, seen] = [decimalOf(base.over), decimalOf(base.kept), decimalOf(base.seen)]
  if (!over || !kept || !seen) return undefined
  return plus(minus(own, over), minus(kept, seen))
}

export function isUnsure(base: QuantityBase | undefined): base is Extract<QuantityBase, { unsure: unknown }> {
  return typeof base === 'object' && 'unsure' in base
}

/** The quantity that a base is about, for people. */
export function shownBase(base: QuantityBase | undefined): Quantity | null {
  if (typeof base !== 'object') return base ?? null
  return 'unsure' in base ? shownBase(base.unsure) : base.over
}

/** A number in the form of another: a text stays a text, a number a number where it is one exactly. */
function alike(value: Decimal, like: unknown): Quantity {
  const text = textOfDecimal(value)
  if (typeof like !== 'number') return text
  const number = Number(text)
  const back = decimalOf(number)
  return back && isSameNumber(back, value) ? number : text
}
