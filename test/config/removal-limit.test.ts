import { describe, expect, it } from 'vitest'
import { DEFAULT_REMOVAL_LIMIT, isOverLimit, removalLimitSchema } from '../../src/config/removal-limit.ts'

describe('the limit of removals', () => {
  it.each([
    [10, 10, false],
    [11, 11, true],
    [11, 54, true],
    [11, 55, false],
    [2_000, 10_000, false],
    [2_001, 10_000, true],
    [11, 0, true],
  ])('%i of %i rows: asks, %s', (removals, rows, asks) => {
    expect(isOverLimit(DEFAULT_REMOVAL_LIMIT, removals, rows)).toBe(asks)
    expect(isOverLimit(false, removals, rows)).toBe(false)
  })

  it.each([
    { rows: -1, share: 0.1 },
    { rows: 1.5, share: 0.1 },
    { rows: 1, share: 20 },
    { rows: 1 },
    true,
    10,
  ])('cannot be %o', (wrong) => expect(removalLimitSchema.safeParse(wrong).success).toBe(false))
})
