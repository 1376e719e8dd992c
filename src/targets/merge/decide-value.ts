import type { ConflictStrategy } from '../../config/conflict.ts'
import type { Settled } from './settled.ts'
import { type ChangeTimes, decideConflict, type Verdict, type Words } from './values.ts'

/** Whose value a conflict left standing; `sheet` is the place's, whatever kind it is. */
export type Winner = 'database' | 'sheet' | 'merged' | 'none'

/** A value that somebody changed in a place, as it is stored and listed. */
export interface ConflictNote<Shown = unknown, Own = Shown> {
  /** Header of the column, or name of the field. */
  readonly header: string
  readonly base: Shown
  readonly database: Own
  /** What the place shows. */
  readonly sheet: Shown
  readonly winner: Winner
  readonly reason: string
  /** True while the place differs from the database. */
  readonly open: boolean
}

/** What happens to one value. */
export interface ValueDecision<Shown, Own = Shown> {
  /** What to write; undefined to leave the place alone. */
  readonly write?: Own
  readonly base: Shown | Settled<Shown, Own>
  readonly conflict?: ConflictNote<Shown, Own>
}

/** How the values of one kind of place are compared and read. */
export interface ValueRules<Shown, Own extends Shown = Shown> {
  same(a: Shown, b: Shown): boolean
  isSettled(base: Shown | Settled<Shown, Own>): base is Settled<Shown, Own>
  /** False for what can be left where it is, not written: a formula. */
  isWritable(shown: Shown): shown is Own
  /** The value that a strategy gets. */
  read(shown: Shown): unknown
  /** What is written for the value that a strategy returned; undefined when the place takes no such value. */
  fit(value: unknown): Own | undefined
  readonly words: Words
}

/** What decides about one value. */
export interface ValueCase<Shown, Own extends Shown = Shown> {
  readonly header: string
  /** What the database says. */
  readonly wanted: Own
  /** What the place shows. */
  readonly shown: Shown
  readonly base: Shown | Settled<Shown, Own>
  readonly strategy: ConflictStrategy<unknown>
  readonly rules: ValueRules<Shown, Own>
  readonly times: () => ChangeTimes
}

/**
 * Decides one value. A place that still shows the base was not edited and takes the database's value; one that
 * already shows the database's value is in order; any other was edited by somebody, and the strategy decides.
 */
export function decideValue<Shown, Own extends Shown>(
  given: ValueCase<Shown, Own>,
): ValueDecision<Shown, Own> {
  const { wanted, shown, base, rules } = given
  if (!rules.isSettled(base)) return decideAgainst(given, base)
  if (rules.same(wanted, base.over)) {
    if (rules.same(shown, base.kept)) return { base }
    if (rules.same(shown, base.seen) && rules.isWritable(base.kept)) {
      return { write: base.kept, base: { ...base, seen: base.kept } }
    }
  }
  // The database moved on, or the place was edited again.
  return decideAgainst(given, base.from)
}

function decideAgainst<Shown, Own extends Shown>(
  given: ValueCase<Shown, Own>,
  base: Shown,
): ValueDecision<Shown, Own> {
  const { wanted, shown, strategy, rules, times } = given
  if (rules.same(shown, wanted)) return { base: wanted }
  if (rules.same(shown, base)) return { write: wanted, base: wanted }
  const values = { base: rules.read(base), database: rules.read(wanted), place: rules.read(shown) }
  return apply(given, base, decideConflict(strategy, values, rules.words, times))
}

function apply<Shown, Own extends Shown>(
  { header, wanted, shown, rules }: ValueCase<Shown, Own>,
  base: Shown,
  verdict: Verdict,
): ValueDecision<Shown, Own> {
  const note = (winner: Winner, open: boolean, reason = verdict.reason) => ({
    ...{ header, base, database: wanted, sheet: shown },
    ...{ winner, reason, open },
  })
  switch (verdict.take) {
    case 'database':
      return { write: wanted, base: wanted, conflict: note('database', false) }
    case 'place':
      return { base, conflict: note('sheet', true) }
    case 'nobody':
      return { base, conflict: note('none', true) }
    case 'value': {
      const value = rules.fit(verdict.value)
      if (value === undefined) {
        const reason = `${verdict.reason}, but the ${rules.words.place} takes no such value; waits for a decision`
        return { base, conflict: note('none', true, reason) }
      }
      if (rules.same(value, wanted)) return { write: wanted, base: wanted, conflict: note('merged', false) }
      // From here the place differs from the database by what people did, and by nothing else.
      const settled = { kept: value, over: wanted, seen: value, from: wanted }
      const decision = { base: settled, conflict: note('merged', true) }
      return rules.same(value, shown) ? decision : { ...decision, write: value }
    }
  }
}
