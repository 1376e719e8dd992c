import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openLibrary, RUNS, seed } from './ends-right.ts'
import { type Step, steps } from './interleavings.ts'
import { MemoryPlace, memoryTarget } from './memory-place.ts'

/** A place without versions ends stale about every 60th time. */
const RUNS_WITHOUT = 2_000

let library: Awaited<ReturnType<typeof openLibrary>>
beforeAll(async () => {
  library = await openLibrary()
})
afterAll(() => library.close())

const inMemory = async (all: readonly Step[], compares: boolean) => {
  const place = new MemoryPlace(compares)
  await library.endsRight(all, memoryTarget, place, () => place.shown)
}

it(`never ends stale in a place that compares versions (SEED=${seed})`, async () => {
  await fc.assert(
    fc.asyncProperty(steps, (all) => inMemory(all, true)),
    { seed, numRuns: RUNS, endOnFailure: true },
  )
}, 120_000)

it(`ends stale where the place takes whatever comes last (SEED=${seed})`, async () => {
  const { failed } = await fc.check(
    fc.asyncProperty(steps, (all) => inMemory(all, false)),
    { seed, numRuns: RUNS_WITHOUT, endOnFailure: true },
  )
  expect(failed).toBe(true)
}, 240_000)

const step = (action: Step['action'], pick: number, value: number, stops = 1): Step => ({
  ...{ action, pick, value, stops },
})

it('sends nothing that was read before another worker found the record unchanged', async () => {
  await inMemory(
    [
      step('whole', 0, 1),
      // A worker reads the record as 2 and falls asleep; it becomes 1 again, which the place shows.
      ...[step('change', 0, 2), step('fetch', 0, 0), step('go', 0, 0, 2)],
      ...[step('whole', 0, 1), step('go', 0, 0, 9)],
    ],
    true,
  )
})
