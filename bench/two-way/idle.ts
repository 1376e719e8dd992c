import { setTimeout as sleep } from 'node:timers/promises'
import { Looks } from '../../jobs/looks.ts'
import { QUEUES } from '../../src/index.ts'
import { against, atMost, type Measurement, told } from '../measurement.ts'
import { until } from '../peers/measure/contest.ts'
import { type Building, type Office, QUOTA_PER_MINUTE } from './office.ts'
import type { Sizes } from './sizes.ts'

const HOUR_MS = 3_600_000

/** How often the worker asks its plan what is due. */
const TICK_MS = 500

/** What `detect` asks for where nothing is said, and how often the home-made loop reads. */
const EVERY_MS = 5_000

/** Tabs of each spreadsheet. */
const TABS = 3

const GIVE_UP_MS = 60_000

/**
 * Calls in an hour in which nobody types, beside a loop that reads every tab every five seconds. The plan of looks is the
 * worker's own, its clock is not: hours pass at once. That a look is one call, however many tabs, is measured.
 */
export async function* idle(building: Building, sizes: Sizes): AsyncGenerator<Measurement> {
  yield* oneLook(building, sizes)
  yield told('two_way.idle.quota', QUOTA_PER_MINUTE * 60, 'calls/hour')
  for (const count of [1, 100, 1_000]) {
    const name = `two_way.idle.${count}`
    const homeMade = (count * TABS * HOUR_MS) / EVERY_MS
    const { calls, longestMs } = anHour(count, false)
    yield against(`${name}.looks`, calls, 'calls/hour', homeMade, { atMost: 1 })
    yield told(`${name}.between_looks`, longestMs / 1000, 's')
    const toldOf = anHour(count, true)
    yield told(`${name}.looks_beside_a_script`, toldOf.calls, 'calls/hour')
  }
}

/** Looks in an hour, after as long a time as it takes to have seen every spreadsheet, and the longest time between two. */
function anHour(count: number, isTold: boolean): { calls: number; longestMs: number } {
  const places = Array.from({ length: count }, (_, at) => ({ lane: `s${at}`, everyMs: EVERY_MS, isTold }))
  const looks = new Looks(places, QUOTA_PER_MINUTE, 0)
  const last = new Map<string, number>()
  let calls = 0
  let longestMs = 0
  for (let now = 0; now < 3 * HOUR_MS; now += TICK_MS) {
    for (const lane of looks.due(now)) {
      longestMs = Math.max(longestMs, now - (last.get(lane) ?? now))
      last.set(lane, now)
      if (now >= 2 * HOUR_MS) calls++
    }
  }
  return { calls, longestMs }
}

/** A spreadsheet of several tabs that nobody touches, watched for a while. */
async function* oneLook(building: Building, { idleMs }: Sizes): AsyncGenerator<Measurement> {
  const office = await building.open({ name: 'idle', records: 20, tabs: TABS })
  try {
    await office.work().ready
    /** Between two looks: no call is under way. */
    const count = async () => {
      const looks = await looksOf(office)
      return looks.waiting === 0 ? { looks: looks.done, calls: office.calls() } : undefined
    }
    const between = async (least: number) => {
      let found: Awaited<ReturnType<typeof count>>
      const isThere = async () => {
        found = await count()
        return (found?.looks ?? 0) >= least
      }
      await until('a look has ended', isThere, GIVE_UP_MS)
      return found as NonNullable<typeof found>
    }
    const before = await between(1)
    await sleep(idleMs)
    const after = await between(before.looks + 1)
    const looks = after.looks - before.looks
    yield told('two_way.idle.tabs', TABS, 'tabs')
    yield told('two_way.idle.measured_looks', looks, 'looks')
    const calls = after.calls.read + after.calls.write - before.calls.read - before.calls.write
    yield atMost('two_way.idle.calls_per_look', calls / looks, 'calls', 1)
  } finally {
    await office.close()
  }
}

async function looksOf({ query }: Office): Promise<{ waiting: number; done: number }> {
  const [row] = await query<{ waiting: string; done: string }>(
    `select count(*) filter (where state in ('created', 'retry', 'active')) as waiting,
       count(*) filter (where state = 'completed') as done
     from pgboss.job where name = $1`,
    [QUEUES.pull],
  )
  return { waiting: Number(row?.waiting), done: Number(row?.done) }
}
