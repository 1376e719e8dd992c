import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { renderTable, type TableColumn } from '../../cli/output.ts'

const TIME = '2026-11-21 10:15:00'

describe('a table of a record beside its row', () => {
  let before: string | undefined
  beforeEach(() => {
    before = process.env.COLUMNS
    process.env.COLUMNS = '80'
  })
  afterEach(() => {
    if (before === undefined) delete process.env.COLUMNS
    else process.env.COLUMNS = before
  })

  const heads: TableColumn[] = [
    { head: 'COLUMN', flexible: 'wrap' },
    ...['DATABASE', 'SHEET', 'BASE'].map((head) => ({ head, flexible: 'wrap', least: TIME.length }) as const),
    { head: '' },
  ]

  it.each(['Due', 'Confirmed at', 'Departure of the first flight'])(
    'keeps full times in one line at 80 columns, beside the header %j',
    (header) => {
      const text = renderTable(heads, [[header, TIME, TIME, TIME, 'differs']])
      expect(text).toContain(`${TIME}  ${TIME}  ${TIME}  differs`)
      for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
      // Of a long word as much as has room; the rest stands below.
      expect(text).toContain(header.slice(0, 8).trim())
    },
  )

  it('breaks them rather than go beyond a narrower terminal', () => {
    process.env.COLUMNS = '60'
    const text = renderTable(heads, [['Confirmed at', TIME, TIME, TIME, 'differs']])
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(60)
  })

  it('gives long texts what is left, and no line more than the terminal has', () => {
    const text = renderTable(heads, [['Comment', 'word '.repeat(30).trim(), 'other', 'other', 'differs']])
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80)
  })
})
