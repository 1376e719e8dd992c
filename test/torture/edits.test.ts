import { describe, expect, test } from 'vitest'
import { type Given, judgeEditsOf, type Listed } from '../../torture/judge/edits.ts'
import type { Known } from '../../torture/judge/known.ts'
import type { Fact } from '../../torture/people/facts.ts'
import { TABS, type TortureTab } from '../../torture/spreadsheets.ts'
import { echoesOf } from '../../torture/stage/echoes.ts'
import type { Cell } from '../../torture/stage/sheets.ts'
import { WORKERS_CLIENT } from '../../torture/stage/workers-client.ts'
import { knownOf } from './known-of.ts'

const HEADERS: Cell[] = ['ID', 'Request', 'Author', 'Text', 'Pinned', 'Sync']

const edit = (value: string | boolean, key = 'a', header = 'Text'): Fact => ({
  ...{ kind: 'edit', target: 'desk', key, header, value },
})
const removed = (key: string, ...texts: string[]): Fact => ({
  ...{ kind: 'row removed', target: 'desk', key, texts },
})
const copied = (key: string, ...texts: string[]): Fact => ({
  ...{ kind: 'row copied', target: 'desk', key, texts },
})
const newRow = (author: string): Fact => ({ kind: 'new row', target: 'desk', author })
const update = (value: string, key = 'a', header = 'Text', writer = WORKERS_CLIENT): Given => ({
  ...{ act: 'update', key, header, value, writer },
})
const insert = (author: string, key: string): Given => ({
  ...{ act: 'insert', key, header: 'Author', value: author, writer: WORKERS_CLIENT },
})
const deleted = (key: string, writer = WORKERS_CLIENT): Given => ({
  ...{ act: 'delete', key, header: null, value: null, writer },
})

function judge(
  facts: readonly Fact[],
  given: readonly Given[] = [],
  {
    listed = [],
    rows = [],
    ...known
  }: { listed?: Listed[]; rows?: Cell[][] } & Partial<Pick<Known, 'refused' | 'gone'>> = {},
): string[] {
  const found = judgeEditsOf({ ...knownOf(facts), ...known }, given, listed, [HEADERS, ...rows])
  return found.map(({ subject, message }) => `${subject}: ${message}`)
}

const TAB = TABS.find(({ target }) => target === 'desk') as TortureTab
const SHOWN = [
  ['ID', 'Request', 'Author', 'Text', 'Pinned', 'Sync'],
  ['a', 'req-01', 'me', 'edit 1', 'TRUE', ''],
  ['', 'req-01', 'new 1', 'edit 2', '', ''],
]
const at = (rowIndex: number, columnIndex: number, sheetId = 7) => ({ sheetId, rowIndex, columnIndex })
type Cells = readonly (readonly object[])[]
const echoes = (writes: readonly { start: ReturnType<typeof at>; rows: Cells }[]) =>
  echoesOf(
    ...([TAB, 7, SHOWN] as const),
    writes.map(({ start, rows }) => ({
      updateCells: {
        start,
        rows: rows.map((cells) => ({ values: cells.map((userEnteredValue) => ({ userEnteredValue })) })),
      },
    })),
  )

describe('an echo', () => {
  test('is a cell of a record into which a write puts what stands there', () => {
    const rows = [[{ stringValue: 'me' }, { stringValue: 'edit 2' }, { boolValue: true }, {}]]
    expect(echoes([{ start: at(1, 2), rows }])).toEqual([
      { kind: 'echo', target: 'desk', key: 'a', header: 'Author', value: 'me' },
      { kind: 'echo', target: 'desk', key: 'a', header: 'Pinned', value: 'TRUE' },
    ])
  })

  test('is none in another tab, in a header, or in a row without a key', () => {
    const author = [[{ stringValue: 'new 1' }]]
    expect(
      echoes([
        { start: at(2, 2), rows: author },
        { start: at(1, 2, 8), rows: [[{ stringValue: 'me' }]] },
        { start: at(0, 2), rows: [[{ stringValue: 'Author' }]] },
      ]),
    ).toEqual([])
  })
})

describe('the judge of edits', () => {
  test('finds nothing where every edit was written once', () => {
    const facts = [edit('edit 1'), edit(true, 'a', 'Pinned'), newRow('new 1'), removed('b')]
    expect(
      judge(facts, [update('edit 1'), update('true', 'a', 'Pinned'), insert('new 1', 'c'), deleted('b')]),
    ).toEqual([])
  })

  test('finds an edit that was lost, but not one that is listed, typed over or gone', () => {
    const lost = ['desk a Text: "edit 1" did not reach the record, and is not listed']
    expect(judge([edit('edit 1')])).toEqual(lost)
    expect(judge([edit('edit 1'), edit('edit 2', 'b')], [update('edit 2', 'b')])).toEqual(lost)
    const listed: Listed[] = [{ key: 'a', header: 'Text', state: 'lost', shown: { value: 'edit 1' } }]
    expect(judge([edit('edit 1')], [], { listed })).toEqual([])
    expect(judge([edit('edit 1'), edit('edit 2')], [update('edit 2')])).toEqual([])
    expect(judge([edit('edit 1'), removed('a', 'edit 1')])).toEqual([])
    expect(judge([edit('edit 1')], [], { gone: new Set(['desk a']) })).toEqual([])
    expect(judge([edit('edit 1'), { kind: 'text hit in a race', target: 'desk', text: 'edit 1' }])).toEqual(
      [],
    )
  })

  test('finds edits that nobody made, or that were written twice', () => {
    expect(judge([], [update('edit 1')])).toEqual([
      expect.stringMatching(/^desk a Text: "edit 1" was written 1 times; nobody typed it there; /),
    ])
    expect(judge([edit('edit 1', 'b')], [update('edit 1', 'b'), update('edit 1')])).toHaveLength(1)
    expect(judge([edit('edit 1')], [update('edit 1'), update('edit 1')])).toEqual([
      expect.stringMatching(/^desk a Text: "edit 1" was written 2 times; it was typed 1 times; /),
    ])
    expect(judge([], [update('edit 1', 'a', 'Text', 'application')])).toEqual([])
  })

  test('finds nonsense in a record', () => {
    const facts: Fact[] = [
      { kind: 'nonsense', target: 'desk', key: 'a', header: 'Text', value: 'nonsense 1' },
    ]
    expect(judge(facts, [update('nonsense 1')])).toContain('desk nonsense 1: was written to a record')
  })

  test('finds a new row that became no record, or several', () => {
    expect(judge([newRow('new 1')])).toEqual(['desk new 1: the new row became no record, and is not listed'])
    const two = [insert('new 1', 'c'), insert('new 1', 'd')]
    expect(judge([newRow('new 1')], two)).toEqual(['desk new 1: became 2 records; it was copied 0 times'])
    expect(judge([newRow('new 1'), copied('c', 'new 1')], two)).toEqual([])
    expect(judge([newRow('new 1')], [], { rows: [['', '', 'new 1', 'edit 1']] })).toEqual([])
    expect(judge([newRow('new 1')], [], { rows: [['', 'req-01', 'new 1', 'edit 1']] })).toHaveLength(1)
  })

  test('finds a record that a worker deleted though nobody deleted its row', () => {
    expect(judge([], [deleted('a')])).toEqual(['desk a: the record was deleted; nobody deleted its row'])
    expect(judge([removed('b')], [deleted('a')])).toHaveLength(1)
    expect(judge([], [deleted('a', 'application')])).toEqual([])
  })

  test('finds a record that a worker made though nobody added its row', () => {
    expect(judge([], [insert('text 1', 'c')])).toEqual([
      'desk c: the record of "text 1" was made; nobody added its row',
    ])
    expect(judge([copied('a', 'text 1')], [insert('text 1', 'c')])).toEqual([])
    expect(judge([newRow('new 1'), edit('edit 1', 'c', 'Author')], [insert('edit 1', 'c')])).toEqual([])
    expect(judge([], [{ ...insert('text 1', 'c'), writer: 'application' }])).toEqual([])
  })

  test('knows what was typed while another key stood in the row, because a write had gone over its own', () => {
    const hit = (header: string): Fact => ({ kind: 'cell hit in a race', target: 'desk', key: 'a', header })
    const typed = edit('edit 1', 'b')
    expect(judge([hit('ID'), typed], [update('edit 1', 'a')])).toEqual([])
    expect(judge([hit('ID'), typed], [update('edit 1', 'a'), update('edit 1', 'a')])).toHaveLength(1)
    expect(judge([hit('Text'), typed], [update('edit 1', 'a')])).toHaveLength(1)
    expect(judge([hit('ID'), typed], [update('edit 2', 'a')])).not.toEqual([])
  })

  test('finds where it stands what was typed under a key that was put there by mistake and taken out again', () => {
    const hit: Fact = { kind: 'cell hit in a race', target: 'desk', key: 'a', header: 'ID' }
    const begun: Cell[][] = [['', '', 'new 1', 'edit 1']]
    expect(judge([hit, edit('edit 1', 'a')], [], { rows: begun })).toEqual([])
    expect(judge([edit('edit 1', 'a')], [], { rows: begun })).toHaveLength(1)
    expect(judge([hit, edit('edit 1', 'a')])).toHaveLength(1)
    expect(judge([hit, edit('edit 1', 'a')], [], { rows: [['', 'req-01', 'me', 'edit 1']] })).toHaveLength(1)
  })

  test('excuses one of a row that somebody had added and over whose author a write went', () => {
    const hit: Fact = { kind: 'keyless row hit in a race', target: 'desk', texts: ['author 1', 'text 1'] }
    expect(judge([hit, newRow('new 1')], [insert('author 1', 'c')])).toEqual([])
    expect(judge([hit, newRow('new 1')], [insert('author 2', 'c')])).not.toEqual([])
  })

  test('excuses, once, one of a row over whose key a write went while somebody typed into it', () => {
    const application = { ...insert('text 1', 'a'), writer: 'application' }
    const hit = (header: string): Fact => ({ kind: 'cell hit in a race', target: 'desk', key: 'a', header })
    const typed = edit('edit 1', 'a')
    const listed = [{ key: 'a', header: 'Text', state: 'lost', shown: 'edit 1' }]
    const made = [application, insert('text 1', 'c')]
    expect(judge([hit('ID'), typed], made, { listed })).toEqual([])
    expect(judge([hit('ID'), typed], [...made, insert('text 1', 'd')], { listed })).toHaveLength(1)
    expect(judge([hit('Author'), typed], made, { listed })).toHaveLength(1)
    expect(judge([hit('ID')], made)).toHaveLength(1)
    expect(judge([hit('ID'), typed], [application, insert('text 2', 'c')], { listed })).toHaveLength(1)
  })

  test('finds a write that changed nothing', () => {
    expect(judge(echoes([{ start: at(1, 3), rows: [[{ stringValue: 'edit 1' }]] }]))).toEqual([
      'desk a Text: "edit 1" was written where it stood already',
    ])
  })

  test('finds reasons that are missing, and those of nothing', () => {
    const row = ['a', 'req-01', 'me', 'nonsense 1', true]
    const refused = new Set(['desk a Text'])
    expect(judge([], [], { refused, rows: [[...row, 'that is nonsense']] })).toEqual([])
    expect(judge([], [], { refused, rows: [row] })).toHaveLength(1)
    expect(judge([], [], { rows: [[...row, 'that is nonsense']] })).toHaveLength(1)
  })
})
