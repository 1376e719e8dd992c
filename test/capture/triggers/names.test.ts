import fc from 'fast-check'
import { expect, test } from 'vitest'
import { functionName } from '../../../src/capture/shown/names.ts'

const table = fc.record({
  schema: fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }), { nil: null }),
  table: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 70 }),
})

test('a readable name where there is room for it', () => {
  expect(functionName({ schema: null, table: 'requests' })).toBe('sync_on_requests')
  expect(functionName({ schema: 'sales', table: 'requests' })).toMatch(/^sync_on_sales_requests_[0-9a-f]{8}$/)
})

test('no name is longer than Postgres keeps, and each is always the same', () => {
  fc.assert(
    fc.property(table, (one) => {
      expect(Buffer.byteLength(functionName(one))).toBeLessThanOrEqual(63)
      expect(functionName(one)).toBe(functionName({ ...one }))
    }),
  )
})

test('different tables have different names, long ones included', () => {
  fc.assert(
    fc.property(table, table, fc.string({ minLength: 60, maxLength: 60 }), (one, other, prefix) => {
      fc.pre(one.schema !== other.schema || one.table !== other.table)
      expect(functionName(one)).not.toBe(functionName(other))
      const long = (each: typeof one) => functionName({ ...each, table: prefix + each.table })
      expect(long(one)).not.toBe(long(other))
    }),
  )
})
