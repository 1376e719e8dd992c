import { expect, test } from 'vitest'
import type { TabView } from '../../../../src/targets/sheet/read/tab-view.ts'
import { doesFitButForEdits } from '../../../../src/targets/sheet/repair/row-fit.ts'
import type { MappedColumn, Mapping } from '../../../../src/targets/sheet/tab/mapping.ts'
import type { WrittenRow } from '../../../../src/targets/sheet/write/expectation.ts'

/* A row that got a key which is not its own: whether it is that of a record that showed something else last. */

const writable = { strategy: 'database-wins', isWritable: true } as MappedColumn
const readOnly = { strategy: 'database-wins', isWritable: false } as MappedColumn
const markOnly = { columns: [] as readonly number[] } as WrittenRow

function fits(
  shown: readonly (string | boolean | null)[],
  known: readonly (string | boolean | null)[],
  columns = [writable, writable, writable, writable],
  newRows = 'ignore',
): boolean {
  const view = {
    cells: new Map([[1, [null, ...shown]]]),
    layout: { key: 0, columns: columns.map((_, at) => at + 1) },
  } as unknown as TabView
  return doesFitButForEdits(
    { columns, target: { edits: { newRows } } } as unknown as Mapping,
    view,
    1,
    markOnly,
    { cells: known },
  )
}

const RECORD = ['req-1', 'Ada', 'a text', false] as const

test.each([
  ['an edit in it', ['req-1', 'Ada', 'edited', false], true],
  ['two edits in it', ['req-2', 'Ada', 'edited', false], true],
  [
    'nothing but a tick in common with it: it is one that somebody has added',
    ['req-2', 'Bert', 'new', false],
    false,
  ],
  ['nothing in common with it', ['req-2', 'Bert', 'new', true], false],
  ['nothing in it', [null, null, null, null], false],
])('a row with %s', (_what, shown, expected) => {
  expect(fits(shown, RECORD)).toBe(expected)
})

test('an empty cell on both sides tells nothing', () => {
  expect(fits(['req-2', null, null, null], ['req-1', null, null, null])).toBe(false)
})

test('a cell that nobody may edit has to be the same', () => {
  const columns = [readOnly, writable, writable, writable]
  expect(fits(['req-2', 'Ada', 'a text', false], RECORD, columns)).toBe(false)
  expect(fits(['req-1', 'Ada', 'edited', false], RECORD, columns)).toBe(true)
})

test('where people add rows, half of it is not enough: a new one may have that in common with any', () => {
  const columns = [writable, writable, writable, writable]
  expect(fits(['req-1', 'Bert', 'new', false], RECORD, columns)).toBe(true)
  expect(fits(['req-1', 'Bert', 'new', false], RECORD, columns, 'create')).toBe(false)
  expect(fits(['req-1', 'Ada', 'edited', false], RECORD, columns, 'create')).toBe(true)
})
