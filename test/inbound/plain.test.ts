import { expect, test } from 'vitest'
import { Prisma } from '../../prisma/generated/client/client.ts'
import { plain } from '../../src/inbound/apply-changes.ts'
import type { EditableField } from '../../src/inbound/edit-rules.ts'
import type { ScalarField } from '../../src/model/data-model.ts'
import { fieldCodec } from '../../src/targets/sheet/cells/column-codec.ts'
import { zoneOf } from '../../src/targets/sheet/cells/zone.ts'
import { readCell } from '../../src/targets/sheet/edits/read-cell.ts'

const zone = zoneOf('Etc/UTC')
const decimals = (isList: boolean): EditableField => {
  const field: ScalarField = {
    ...{ kind: 'scalar', type: 'Decimal', name: 'rates', column: 'rates', nativeType: null },
    ...{ isList, isRequired: true },
  }
  return {
    ...{ header: 'Rates', field: 'rates', strategy: 'database-wins' },
    read: (shown) => readCell(field, shown as string, zone, {}),
    show: (value) => fieldCodec(field).encode(value, zone),
    same: (a, b) => a === b,
  }
}
const decimal = (text: string) => new Prisma.Decimal(text)

test.each([
  ['a Decimal', false, decimal('1.50'), 1.5],
  ['a Decimal of many digits', false, decimal('12345678901234567.5'), '12345678901234567.5'],
  [
    'a list of Decimals',
    true,
    [decimal('1.50'), decimal('12345678901234567.5')],
    [1.5, '12345678901234567.5'],
  ],
  ['an empty list', true, [], []],
])('%s of a record is compared in the form in which edits are read', (_what, isList, value, read) => {
  expect(plain(decimals(isList), value, '')).toEqual(read)
})
