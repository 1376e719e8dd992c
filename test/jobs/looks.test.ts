import { describe, expect, it } from 'vitest'
import { type Looked, Looks } from '../../jobs/looks.ts'

const place = (lane: string, more: Partial<Looked> = {}): Looked => ({
  ...{ lane, everyMs: 5_000, isTold: false },
  ...more,
})

/** How often each place is looked at in so many seconds. */
function count(looks: Looks, seconds: number, from = 0): Map<string, number> {
  const counts = new Map<string, number>()
  for (let now = from; now < from + seconds * 1000; now += 500) {
    for (const lane of looks.due(now)) counts.set(lane, (counts.get(lane) ?? 0) + 1)
  }
  return counts
}

describe('looks for edits', () => {
  it('come as often as they are meant to, where there are few places', () => {
    expect(count(new Looks([place('a')], 60, 0), 60)).toEqual(new Map([['a', 12]]))
  })

  it('take a third of the quota, however many places there are, and forget none', () => {
    const places = Array.from({ length: 100 }, (_, at) => place(`place ${at}`))
    const counts = count(new Looks(places, 60, 0), 3600)
    const all = [...counts.values()]
    expect(counts.size).toBe(100)
    expect(all.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(1200 + 5)
    expect(Math.min(...all)).toBeGreaterThanOrEqual(11)
  })

  it('go first to where people work', () => {
    const places = Array.from({ length: 100 }, (_, at) => place(`place ${at}`))
    const looks = new Looks(places, 60, 0)
    looks.edited('place 7', 0)
    expect(count(looks, 60).get('place 7')).toBeGreaterThanOrEqual(10)
  })

  it('forget none where people work in more places than the quota has looks for', () => {
    const places = Array.from({ length: 20 }, (_, at) => place(`place ${at}`))
    const looks = new Looks(places, 60, 0)
    const counts = new Map<string, number>()
    for (let minute = 0; minute < 60; minute++) {
      for (const { lane } of places.slice(0, 4)) looks.edited(lane, minute * 60_000)
      for (const [lane, some] of count(looks, 60, minute * 60_000))
        counts.set(lane, (counts.get(lane) ?? 0) + some)
    }
    const ofBusy = places.slice(0, 4).map(({ lane }) => counts.get(lane) ?? 0)
    const ofOthers = places.slice(4).map(({ lane }) => counts.get(lane) ?? 0)
    expect(Math.min(...ofBusy)).toBeGreaterThanOrEqual(220)
    // A quarter of 1,200 for 16 places.
    expect(Math.min(...ofOthers)).toBeGreaterThanOrEqual(17)
  })

  it('are seldom where something else tells of edits, and where the last one failed', () => {
    const looks = new Looks([place('told', { isTold: true }), place('failing')], 600, 0)
    looks.failing(['failing'])
    const counts = count(looks, 300)
    expect(counts.get('told')).toBe(5)
    expect(counts.get('failing')).toBe(10)
    looks.failing([])
    expect(count(looks, 60, 300_000).get('failing')).toBe(12)
  })
})
