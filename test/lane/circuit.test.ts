import { describe, expect, it } from 'vitest'
import { afterFailure, CLOSED, waitFor } from '../../src/lane/circuit.ts'

const wait = (failures: number, retryAfterMs: number | undefined, random = 0.5) =>
  waitFor(afterFailure({ ...CLOSED, failures }, { kind: 'quota', retryAfterMs }, 0, random), 0)

describe('how long a place is left alone', () => {
  it('doubles with each failure, up to a minute', () => {
    expect([0, 1, 2, 10].map((failures) => wait(failures, undefined))).toEqual([1_000, 2_000, 4_000, 60_000])
  })

  it('is as long as it asks, and never shorter', () => {
    for (const random of [0, 0.5, 1]) expect(wait(0, 30_000, random)).toBeGreaterThanOrEqual(30_000)
    expect(wait(10, 1_000)).toBe(60_000)
  })

  it('is bounded: it may have meant something else', () => {
    expect(wait(0, 10 ** 12, 1)).toBeLessThanOrEqual(750_000)
  })
})
