import { describe, expect, it } from 'vitest'
import { dateTimeCodec } from '../../../src/targets/sheet/cells/scalars.ts'
import { shownAs } from '../../../src/targets/sheet/cells/shown.ts'
import { zoneOf } from '../../../src/targets/sheet/cells/zone.ts'

describe('a cell as people see it', () => {
  it.each([
    [46_355, 'date', '2026-11-29'],
    [46_355.5, 'date', '2026-11-29 12:00:00'],
    [0.604_224_537_037_037, 'time', '14:30:05'],
    [46_355.25, 'time', '2026-11-29 06:00:00'],
    [46_355.604_224_537_04, 'date-time', '2026-11-29 14:30:05'],
    [46_355, 'date-time', '2026-11-29 00:00:00'],
    [1e15, 'date-time', 1e15],
    [46_355, 'text', 46_355],
    [46_355, undefined, 46_355],
    ['29.11.2026', 'date', '29.11.2026'],
    [null, 'date', null],
  ] as const)('%o in a column of format %s is %o', (cell, format, shown) => {
    expect(shownAs(cell, format)).toBe(shown)
  })

  it("is on the spreadsheet's clock, to the millisecond", () => {
    const serial = dateTimeCodec.encode(new Date('2026-07-01T22:15:30.250Z'), zoneOf('Europe/Berlin'))
    expect(shownAs(serial, 'date-time')).toBe('2026-07-02 00:15:30.250')
  })
})
