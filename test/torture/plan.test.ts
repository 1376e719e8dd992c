import { expect, test } from 'vitest'
import { FAULTS } from '../../torture/faults/index.ts'
import { makePlan } from '../../torture/plan/make-plan.ts'

const options = { ops: 200, durationMs: 60_000, capture: 'trigger' } as const

test('a seed says everything that happens', () => {
  expect(makePlan({ ...options, seed: 5 })).toEqual(makePlan({ ...options, seed: 5 }))
  expect(makePlan({ ...options, seed: 5 })).not.toEqual(makePlan({ ...options, seed: 6 }))
})

test('steps are in order, and a plan is plain data', () => {
  const plan = makePlan({ ...options, seed: 1 })
  expect(plan.map(({ at }) => at)).toEqual(plan.map(({ at }) => at).sort((a, b) => a - b))
  expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
  expect(plan.filter(({ kind }) => kind === 'write')).toHaveLength(200)
})

test('every fault is injected by some seed, and only those of the groups that are asked for', () => {
  const kinds = (groups?: readonly ['api']) =>
    new Set(
      Array.from({ length: 40 }, (_, seed) => makePlan({ ...options, seed, ...(groups && { groups }) }))
        .flat()
        .flatMap((step) => (step.kind === 'fault' ? [step.fault] : [])),
    )
  expect([...kinds()].sort()).toEqual(FAULTS.map(({ kind }) => kind).sort())
  const api = FAULTS.filter(({ group }) => group === 'api').map(({ kind }) => kind)
  expect([...kinds(['api'])].sort()).toEqual(api.sort())
})

test('what only triggers see is not done in extension mode', () => {
  const raw = makePlan({ ...options, seed: 1, capture: 'extension' }).filter(
    (step) => step.kind === 'write' && step.write.startsWith('raw'),
  )
  expect(raw).toEqual([])
})
