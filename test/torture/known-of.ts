import type { Known } from '../../torture/judge/known.ts'
import { type Fact, Facts } from '../../torture/people/facts.ts'

/** What the harness knows of a run in which nothing happened but this. */
export function knownOf(facts: readonly Fact[]): Known {
  const all = new Facts()
  all.add(facts)
  return {
    facts: all,
    everPoisoned: new Set(),
    poisoned: new Set(),
    gone: new Set(),
    listed: new Map(),
    refused: new Set(),
    workersEnded: false,
    sheetIds: new Map(),
  }
}
