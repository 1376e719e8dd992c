import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ProgressRow, progressOf } from '../../src/operations/progress.ts'
import { noteProgress } from '../../src/queue/progress.ts'
import { openTestOperations, type TestOperations } from './support.ts'

const SECOND = 1_000_000
const at = (second: number) => new Date((SECOND + second) * 1000)

/** Counts by second, each a pair of seconds and a count. */
const row = (recent: [number, number][], rest: Partial<ProgressRow> = {}): ProgressRow => ({
  ...{ target: 'airports', since: null, settled: 0, behindUntil: null },
  recent: Object.fromEntries(recent.map(([second, settled]) => [String(SECOND + second), settled])),
  ...rest,
})
const every = (from: number, to: number, settled: number) =>
  Array.from({ length: to - from }, (_, index): [number, number] => [from + index, settled])

describe('progress', () => {
  it('is no backlog while changes wait no longer than a worker takes to see them', () => {
    const calm = progressOf(row(every(0, 10, 20)), { count: 3, oldest: at(9) }, at(10))
    expect(calm).toEqual({ ratePerSecond: 20, backlog: null })
    expect(progressOf(undefined, { count: 0, oldest: null }, at(10))).toEqual({
      ratePerSecond: 0,
      backlog: null,
    })
  })

  it('counts from the oldest change that waits, before a worker has noted that it was late', () => {
    // 50,000 changes of one transaction, four seconds ago; what was settled before was of something else.
    const { backlog, ratePerSecond } = progressOf(
      row([[-20, 77], ...every(0, 4, 500)]),
      { count: 48_000, oldest: at(0) },
      at(4),
    )
    expect(backlog).toEqual({ since: at(0), done: 2_000, all: 50_000, secondsLeft: 96 })
    expect(ratePerSecond).toBe(500)
  })

  it('counts from the beginning of a backlog whose first changes are settled', () => {
    const noted = { since: at(-600), settled: 12_000, behindUntil: at(9) }
    const { backlog } = progressOf(
      row(every(-50, 10, 100), noted),
      { count: 38_000, oldest: at(-60) },
      at(10),
    )
    expect(backlog).toMatchObject({ since: at(-600), done: 12_000, all: 50_000 })
  })

  it('begins anew with changes that were queued after the last backlog was over', () => {
    const noted = { since: at(-600), settled: 12_000, behindUntil: at(-30) }
    const { backlog } = progressOf(row([[-30, 900]], noted), { count: 10, oldest: at(0) }, at(5))
    expect(backlog).toEqual({ since: at(0), done: 0, all: 10, secondsLeft: null })
  })

  it('tells the rate of now, and the time left from the last minute: a quota is used up in seconds', () => {
    // 20,000 in the first ten seconds of the minute, and nothing since.
    const noted = { since: at(-300), settled: 20_000, behindUntil: at(9) }
    const { backlog, ratePerSecond } = progressOf(
      row(every(0, 10, 2_000), noted),
      { count: 59_000, oldest: at(-200) },
      at(59),
    )
    expect(ratePerSecond).toBe(0)
    expect(backlog?.secondsLeft).toBe(Math.ceil(59_000 / (20_000 / 59)))
  })
})

describe('what workers count', () => {
  let test: TestOperations
  beforeEach(async () => {
    test = await openTestOperations()
  })
  afterEach(() => test.close())

  const note = async (settled: number, queuedSecondsAgo: number | null) => {
    const [clock] = await test.sql.query<{ oldest: Date | null }>(
      `select now() - $1::float8 * interval '1 s' as oldest`,
      [queuedSecondsAgo],
    )
    const change = { target: 'airports', settled, oldest: clock?.oldest ?? null }
    await noteProgress(test.sql, test.queue.config.schemas, change)
  }
  const stored = async () => {
    const [found] = await test.sql.query<{ settled: number; age: number | null; recent: number }>(
      `select settled::int, extract(epoch from now() - since)::float8 as age,
         (select sum(value::int)::int from jsonb_each_text(recent)) as recent from sync_progress`,
    )
    return found
  }

  it('adds up, from the first second of a backlog on', async () => {
    await note(5, 0.1)
    await note(1_000, 1)
    expect(await stored()).toEqual({ settled: 1_005, age: null, recent: 1_005 })
    // Only now it is known that these were of a backlog, which began three seconds ago.
    await note(1_000, 3)
    expect(await stored()).toMatchObject({ settled: 2_005, recent: 2_005 })
    expect((await stored())?.age).toBeCloseTo(3, 0)
    // A person's change that went first, and a further attempt.
    await note(1, 0)
    await note(2, null)
    expect(await stored()).toMatchObject({ settled: 2_008 })
  })

  it('goes on while changes of before are settled, and begins anew with later ones', async () => {
    await note(10, 100)
    await note(10, 90)
    expect(await stored()).toMatchObject({ settled: 20 })
    await test.sql.query(
      `update sync_progress set behind_until = now() - interval '1 hour', since = now() - interval '2 hours',
         recent = '{"1": 4}'`,
    )
    await note(7, 5)
    expect(await stored()).toMatchObject({ settled: 7, recent: 7 })
    expect((await stored())?.age).toBeCloseTo(5, 0)
  })

  it('is what stats tell', async () => {
    await test.queue.publish(['AAA', 'BBB'])
    await test.sql.query(`update pgboss.job set created_on = now() - interval '1 minute'`)
    await note(30, 61)
    const { targets } = await test.operations.stats()
    const [airports, requests] = targets
    expect(airports?.backlog).toMatchObject({ done: 30, all: 32, secondsLeft: expect.any(Number) })
    expect(airports?.ratePerSecond).toBeGreaterThan(0)
    expect(requests).toMatchObject({ backlog: null, ratePerSecond: 0 })
  })
})
