import { describe, expect, it } from 'vitest'
import { judge, wrongIds } from '../../bench/peers/measure/judge.ts'

const records = [
  { iata: 'A', name: 'one' },
  { iata: 'B', name: 'two' },
]

describe('the judge of a sheet', () => {
  it('finds nothing where every record has its row', () => {
    const verdict = judge(
      [
        ['B', 'two', 'x'],
        ['A', 'one'],
      ],
      records,
    )
    expect(verdict).toEqual({ missing: [], stale: [], ghosts: [], doubled: 0 })
  })

  it('names a record without a row, a row that says something else and a row without a record', () => {
    const verdict = judge(
      [
        ['A', 'old'],
        ['C', 'gone'],
      ],
      records,
    )
    expect(verdict).toEqual({ missing: ['B'], stale: ['A'], ghosts: ['C'], doubled: 0 })
    expect(wrongIds(verdict)).toEqual(['B', 'A', 'C'])
  })

  it('counts every row beyond the first of an id, also where they agree', () => {
    const rows = [
      ['A', 'one'],
      ['B', 'two'],
      ['A', 'one'],
      ['A', 'one'],
    ]
    expect(judge(rows, records)).toEqual({ missing: [], stale: [], ghosts: [], doubled: 2 })
  })

  it('calls a record stale when only one of its two rows is right', () => {
    const rows = [
      ['A', 'old'],
      ['A', 'one'],
      ['B', 'two'],
    ]
    expect(judge(rows, records)).toMatchObject({ stale: ['A'], doubled: 1 })
  })

  it('does not mind empty rows', () => {
    expect(judge([[], ['', ''], ['A', 'one'], ['B', 'two']], records).ghosts).toEqual([])
  })
})
