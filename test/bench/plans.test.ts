import { describe, expect, it } from 'vitest'
import { FAULTS, faultPlan } from '../../bench/peers/measure/fault-plan.ts'
import { operationsOf } from '../../bench/peers/measure/operations.ts'

describe('the plan of faults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(faultPlan(1, 20_000)).toEqual(faultPlan(1, 20_000))
    expect(faultPlan(1, 20_000)).not.toEqual(faultPlan(2, 20_000))
  })

  it('has every kind, in order, while the work goes on', () => {
    for (const seed of [1, 2, 3]) {
      const plan = faultPlan(seed, 30_000)
      expect(new Set(plan.map(({ fault }) => fault))).toEqual(new Set(FAULTS))
      const times = plan.map(({ at }) => at)
      expect(times).toEqual([...times].sort((a, b) => a - b))
      expect(Math.min(...times)).toBeGreaterThanOrEqual(3000)
      expect(Math.max(...times)).toBeLessThanOrEqual(30_000)
      expect(plan).toHaveLength(25)
      expect(plan.filter(({ fault }) => fault.endsWith('postgres'))).toHaveLength(2)
    }
  })
})

describe('the work under faults', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(operationsOf(5, 200)).toEqual(operationsOf(5, 200))
    expect(operationsOf(5, 200)).not.toEqual(operationsOf(6, 200))
  })

  it('does everything, most often updates, each with a name of its own', () => {
    const operations = operationsOf(1, 1000)
    const count = (kind: string) => operations.filter((operation) => operation.kind === kind).length
    for (const kind of ['create', 'delete', 'abandon']) expect(count(kind)).toBeGreaterThan(50)
    expect(count('update')).toBeGreaterThan(500)
    expect(new Set(operations.map(({ name }) => name)).size).toBe(1000)
  })
})
