import { describe, expect, it } from 'vitest'
import { isCellLimit, isColumnLimit } from '../../../src/targets/sheet/google/cell-limit.ts'

describe('the limits in the words of the API', () => {
  const cells = (limit: string) =>
    `Invalid requests[45].addSheet: This action would increase the number of cells in the workbook above the limit of ${limit} cells.`

  it('are known, whatever language they are in', () => {
    for (const limit of ['10000000', '10,000,000', '10.000.000', '10\u202f000\u202f000'])
      expect(isCellLimit(cells(limit))).toBe(true)
    for (const limit of ['1000000', '110000000', '10000001', '50000'])
      expect(isCellLimit(cells(limit))).toBe(false)
    expect(
      isColumnLimit(
        'This action would increase the number of columns in the sheet above the limit of 18278 columns',
      ),
    ).toBe(true)
  })
})
