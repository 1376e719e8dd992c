import { expect, test } from 'vitest'
import {
  ALL,
  allBut,
  type Columns,
  holds,
  isNone,
  NONE,
  only,
  united,
} from '../../../src/capture/shown/columns.ts'

const NAMES = ['a', 'b', 'c']

test('the union holds what one of the two holds', () => {
  const some = [[], ['a'], ['b'], ['a', 'b'], NAMES]
  const all: Columns[] = [ALL, NONE, ...some.map(only), ...some.map(allBut)]
  for (const one of all) {
    for (const other of all) {
      for (const name of [...NAMES, 'one that Prisma does not know']) {
        expect(holds(united(one, other), name)).toBe(holds(one, name) || holds(other, name))
      }
    }
  }
})

test('none is none, and all but everything known may still be some', () => {
  expect([NONE, only([]), ALL, only(['a']), allBut(NAMES)].map(isNone)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
})
