import { describe, expect, it } from 'vitest'
import type { Measurement } from '../../bench/measurement.ts'
import { readSizes } from '../../bench/two-way/sizes.ts'
import { run } from '../../bench/two-way.ts'

describe('sizes of the benchmark of two-way sync', () => {
  it('are those of the documentation where nothing is said', () => {
    expect(readSizes({})).toMatchObject({ edits: 60, rows: 1_000, idleMs: 60_000, kills: 12 })
  })

  it('repeat the same moments for the same seed', () => {
    const moments = (seed: string) => {
      const { random } = readSizes({ seed })
      return Array.from({ length: 20 }, () => random(0, 1_000))
    }
    expect(moments('3')).toEqual(moments('3'))
    expect(moments('3')).not.toEqual(moments('4'))
  })

  it.each(['0', 'many', '1.5', true])('refuse %o', (rows) => {
    expect(() => readSizes({ rows })).toThrow('--rows: expected a whole number above 0')
  })

  it('refuse a measurement that there is not', async () => {
    await expect(run({ only: 'all' }).next()).rejects.toThrow(
      '--only: expected polling, script, many, idle, new-rows',
    )
  })
})

describe('the benchmark of two-way sync', () => {
  it('measures what it says, in a small size', { timeout: 180_000 }, async () => {
    const figures: Measurement[] = []
    for await (const figure of run({ only: 'many', rows: '3', seed: '1' })) figures.push(figure)
    expect(figures.map(({ metric }) => metric)).toEqual(
      ['edits', 'all_records', 'reads_per_1000', 'sheet_writes', 'refused_calls'].map(
        (what) => `two_way.many.${what}`,
      ),
    )
    expect(figures.filter(({ met }) => met === false)).toEqual([])
  })
})
