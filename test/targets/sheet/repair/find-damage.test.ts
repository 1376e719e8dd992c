import { describe, expect, it } from 'vitest'
import { findDamage } from '../../../../src/targets/sheet/repair/find-damage.ts'
import { argumentsOf, load, plain } from './corpus.ts'

describe('searches for damage that came up in the random tests', () => {
  const cases = load()

  it('find what they found', () => {
    const wrong = cases.flatMap((one, at) => {
      const found = plain(findDamage(...argumentsOf(one)))
      return JSON.stringify(found) === JSON.stringify(one.found) ? [] : [{ at, found, expected: one.found }]
    })
    expect(wrong.slice(0, 3)).toEqual([])
  })

  it('are of every sort that there is', () => {
    const sorts = {
      deferred: cases.filter(({ found }) => found.isDeferred),
      rekeyed: cases.filter(({ found }) => found.rowsToRekey.length > 0),
      removed: cases.filter(({ found }) => found.removedByMistake.length > 0),
      takenOut: cases.filter(({ found }) => found.removals.length > 0),
      overwritten: cases.filter(({ found }) => found.overwritten.length > 0),
      shifted: cases.filter(({ suspicion }) => (suspicion?.shifted?.length ?? 0) > 0),
      resumed: cases.filter(({ isResumed }) => isResumed),
      clean: cases.filter(({ found }) => found.repairs.length === 0),
    }
    for (const [sort, some] of Object.entries(sorts)) expect(some.length, sort).toBeGreaterThan(10)
  })
})
