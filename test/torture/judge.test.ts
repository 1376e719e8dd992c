import { describe, expect, test } from 'vitest'
import type { Row } from '../../torture/judge/expected-rows.ts'
import { judgeTab, type Moment } from '../../torture/judge/tab.ts'
import type { Fact } from '../../torture/people/facts.ts'
import { TABS, type TortureTab } from '../../torture/spreadsheets.ts'
import type { Cell } from '../../torture/stage/sheets.ts'
import { knownOf } from './known-of.ts'

const tab = TABS.find(({ target }) => target === 'operators') as TortureTab

const operator = (name: string): Row => ({
  Code: '001',
  Name: name,
  Commission: 0.1,
  Rating: 2.5,
  Active: true,
  Languages: 'de, en',
  Ledger: 1,
  Founded: 46_000,
  Settings: '{}',
})
const database = new Map<string, Row>([
  ['1', operator('one')],
  ['2', operator('two')],
])

const headers: readonly Cell[] = [tab.key, ...tab.headers, 'Remarks']
const line = (key: Cell, row: Row, remark: Cell = null): Cell[] => [
  key,
  ...tab.headers.map((header) => row[header] ?? null),
  remark,
]
const good = (): Cell[][] => [[...headers], line(1, operator('one')), line(2, operator('two'))]

function judge(
  rows: Cell[][],
  {
    facts = [],
    listed = [],
    moment = 'compared',
    workersEnded = false,
  }: { facts?: Fact[]; listed?: string[]; moment?: Moment; workersEnded?: boolean } = {},
) {
  const known = { ...knownOf(facts), listed: new Map(listed.map((at) => [at, 'now'])), workersEnded }
  return judgeTab(tab, { sheetId: 0, title: 'x', rows }, database, known, moment).map(
    ({ kind, subject }) => `${kind}: ${subject}`,
  )
}

describe('the judge', () => {
  test('finds nothing where sheet and database agree', () => {
    expect(judge(good())).toEqual([])
  })

  test('finds a row that stands twice, one that is missing, one of no record', () => {
    expect(judge([...good(), line(2, operator('two'))])).toEqual(['doubled: operators 2'])
    expect(judge(good().slice(0, 2))).toEqual(['missing: operators 2'])
    expect(judge([...good(), line(3, operator('three'))])).toEqual(['foreign row: operators 3'])
  })

  test('takes a row that people copied where its record can be written nowhere, and no other one', () => {
    const requests = TABS.find(({ target }) => target === 'requests') as TortureTab
    const record: Row = Object.fromEntries(requests.headers.map((header) => [header, 'x']))
    const cells = ['req-06', ...requests.headers.map(() => 'x')]
    const rows = [[requests.key, ...requests.headers], cells, cells]
    const found = (poisoned: string[], facts: Fact[]) =>
      judgeTab(
        requests,
        { sheetId: 0, title: 'x', rows },
        new Map([['req-06', record]]),
        { ...knownOf(facts), poisoned: new Set(poisoned) },
        'compared',
      ).map(({ kind }) => kind)
    const copied: Fact = { kind: 'row copied', target: 'requests', key: 'req-06', texts: [] }
    expect(found(['req-06'], [copied])).toEqual([])
    expect(found(['req-06'], [])).toEqual(['doubled'])
    expect(found(['req-06'], [{ ...copied, kind: 'row removed' }])).toEqual(['doubled'])
    expect(found([], [copied])).toEqual(['doubled'])
    expect(found(['req-07'], [copied])).toEqual(['doubled'])
  })

  test('finds a stale cell, and a number that was rounded', () => {
    const rows = good()
    rows[1] = line(1, { ...operator('one'), Commission: 0.100_01 })
    expect(judge(rows)).toEqual(['stale: operators 1'])
  })

  test('finds rows without a key that show what the library writes, unless people copied rows', () => {
    const rows = [...good(), line(null, operator('one'))]
    expect(judge(rows)).toEqual(['foreign row: operators'])
    expect(
      judge(rows, { facts: [{ kind: 'row copied', target: 'operators', key: '1', texts: [] }] }),
    ).toEqual([])
    // A row that people added, and whose author was hit in a race.
    expect(
      judge(rows, { facts: [{ kind: 'text hit in a race', target: 'operators', text: 'new 1' }] }),
    ).toEqual([])
  })

  test('takes no text of people’s for the library’s, in whatever column it stands', () => {
    const rows = [...good(), line(null, { ...operator('one'), Name: 'own row 5' })]
    expect(judge(rows)).toEqual(['foreign row: operators'])
    rows[3] = line(null, { Name: 'own row 5' })
    expect(judge(rows)).toEqual([])
  })

  test('takes a person’s value where it stands and is listed, and nothing that nobody typed', () => {
    const rows = good()
    rows[1] = line(1, { ...operator('one'), Rating: 1234.5 })
    const typed: Fact = { kind: 'typed', target: 'operators', key: '1', header: 'Rating', value: 1234.5 }
    const listed = ['operators 1 Rating']
    expect(judge(rows, { facts: [typed], listed })).toEqual([])
    expect(judge(rows, { facts: [typed] })).toEqual(['stale: operators 1'])
    expect(judge(rows, { listed })).toEqual(['invented conflict: operators 1 Rating', 'stale: operators 1'])
  })

  test('excuses what a race left in a column where a person’s value stands, if it is listed and a worker died', () => {
    const rows = good()
    rows[1] = line(1, { ...operator('one'), Rating: 4 })
    const facts: Fact[] = [{ kind: 'cell hit in a race', target: 'operators', key: '1', header: 'Rating' }]
    const listed = ['operators 1 Rating']
    const found = ['invented conflict: operators 1 Rating', 'stale: operators 1']
    expect(judge(rows, { facts, listed, workersEnded: true })).toEqual([])
    expect(judge(rows, { facts, workersEnded: true })).toEqual(['stale: operators 1'])
    expect(judge(rows, { facts, listed })).toEqual(found)
    expect(judge(rows, { listed, workersEnded: true })).toEqual(found)
    rows[1] = line(1, operator('another'))
    const name: Fact[] = [{ kind: 'cell hit in a race', target: 'operators', key: '1', header: 'Name' }]
    expect(judge(rows, { facts: name, workersEnded: true })).toEqual(['stale: operators 1'])
    expect(judge(rows, { facts: name, workersEnded: true, moment: 'worked off' })).toEqual([])
  })

  test('excuses cells in a row without a key that a race hit, if a worker died', () => {
    const rows = [...good(), line(null, operator('one'))]
    const facts: Fact[] = [{ kind: 'keyless row hit in a race', target: 'operators' }]
    expect(judge(rows, { facts, workersEnded: true })).toEqual([])
    expect(judge(rows, { facts })).toEqual(['foreign row: operators'])
  })

  test('excuses a row whose key a race wrote over, if a worker died: one for each', () => {
    const rows = [...good(), line('12', operator('one'))]
    const facts: Fact[] = [{ kind: 'cell hit in a race', target: 'operators', key: '1', header: 'ID' }]
    expect(judge(rows, { facts, workersEnded: true })).toEqual([])
    expect(judge(rows, { facts })).toEqual(['foreign row: operators 12'])
    expect(judge([...good(), line(false, operator('one'))], { facts, workersEnded: true })).toEqual([])
    const two = [...rows, line('13', operator('two'))]
    expect(judge(two, { facts, workersEnded: true })).toHaveLength(2)
    const copied: Fact = { kind: 'row copied', target: 'operators', key: '12', texts: [] }
    const again = [...rows, line('12', operator('one'))]
    expect(judge(again, { facts: [...facts, copied], workersEnded: true })).toEqual([])
    expect(judge(again, { facts, workersEnded: true })).toHaveLength(2)
  })

  test('excuses new rows that a race put into moved columns, if a worker died: one for each', () => {
    const facts: Fact[] = [{ kind: 'row added in a race', target: 'operators' }]
    const rows = [...good(), line('two', operator('2'))]
    expect(judge(rows, { facts, workersEnded: true })).toEqual([])
    expect(judge(rows, { facts })).toEqual(['foreign row: operators two'])
    expect(judge([...good(), line(null, operator('2'))], { facts, workersEnded: true })).toEqual([])
    const again = [...rows, line('two', operator('2'))]
    expect(judge(again, { facts, workersEnded: true })).toHaveLength(2)
  })

  test('excuses a row that a race removed, if a worker died, until the tab was compared', () => {
    const rows = good().slice(0, 2)
    const facts: Fact[] = [{ kind: 'row hit in a race', target: 'operators', key: '2' }]
    expect(judge(rows, { facts, workersEnded: true, moment: 'worked off' })).toEqual([])
    expect(judge(rows, { facts, workersEnded: true })).toEqual(['missing: operators 2'])
    expect(judge(rows, { facts, moment: 'worked off' })).toEqual(['missing: operators 2'])
    const key: Fact[] = [{ kind: 'cell hit in a race', target: 'operators', key: '2', header: 'ID' }]
    expect(judge(rows, { facts: key, workersEnded: true, moment: 'worked off' })).toEqual([])
    expect(judge(rows, { facts: key, workersEnded: true })).toEqual(['missing: operators 2'])
  })

  test('finds a person’s value that does not stand any more', () => {
    const value = 'typed 7'
    const typed: Fact = { kind: 'typed', target: 'operators', key: '1', header: 'Languages', value }
    expect(judge(good(), { facts: [typed] })).toEqual(['people’s value: operators 1 Languages'])
    const hit: Fact = { kind: 'text hit in a race', target: 'operators', text: value }
    expect(judge(good(), { facts: [typed, hit] })).toEqual([])
  })

  test('excuses what people typed only until the tab was compared', () => {
    const rows = good()
    rows[1] = line(1, operator('typed 1'))
    const facts: Fact[] = [{ kind: 'typed', target: 'operators', key: '1', header: 'Name', value: 'typed 1' }]
    expect(judge(rows, { facts, moment: 'worked off' })).toEqual([])
    expect(judge(rows, { facts })).toEqual(['stale: operators 1'])
  })

  test('finds a remark that is gone or beside another record, unless a race took it', () => {
    const remark: Fact = { kind: 'remark', target: 'operators', key: '1', text: 'remark 9' }
    const rows = [[...headers], line(1, operator('one'), 'remark 9'), line(2, operator('two'))]
    expect(judge(rows, { facts: [remark] })).toEqual([])
    const moved = [[...headers], line(1, operator('one')), line(2, operator('two'), 'remark 9')]
    expect(judge(moved, { facts: [remark] })).toEqual(['people’s text: operators 1'])
    const hit: Fact = { kind: 'text hit in a race', target: 'operators', text: 'remark 9' }
    expect(judge(good(), { facts: [remark, hit] })).toEqual([])
  })

  test('excuses a remark in a row whose key a race wrote over, if a worker died', () => {
    const remark: Fact = { kind: 'remark', target: 'operators', key: '1', text: 'remark 9' }
    const hit: Fact = { kind: 'cell hit in a race', target: 'operators', key: '1', header: 'ID' }
    const rows = [...good(), line('12', operator('one'), 'remark 9')]
    expect(judge(rows, { facts: [remark, hit], workersEnded: true })).toEqual([])
    expect(judge(rows, { facts: [remark, hit] })).toContain('people’s text: operators 1')
  })

  test('finds a row of people’s own that got a key, unless a race did that and a worker died', () => {
    const own: Fact = { kind: 'own row', target: 'operators', text: 'own row 5' }
    const hit: Fact = { kind: 'keyless row hit in a race', target: 'operators' }
    const rows = [[...headers], line(1, operator('one'), 'own row 5'), line(2, operator('two'))]
    expect(judge(rows, { facts: [own] })).toEqual(['people’s text: operators'])
    expect(judge(rows, { facts: [own, hit] })).toEqual(['people’s text: operators'])
    expect(judge(rows, { facts: [own, hit], workersEnded: true })).toEqual([])
    expect(judge(good(), { facts: [own, hit], workersEnded: true })).toEqual([])
    expect(judge(good(), { facts: [own, own, hit], workersEnded: true })).toHaveLength(2)
  })

  test('finds what the library writes in a column of people’s, unless a race put it there', () => {
    const rows = good()
    rows[1] = line(1, operator('one'), '{}')
    expect(judge(rows)).toEqual(['people’s column: operators'])
    const hit: Fact = { kind: 'cell hit in a race', target: 'operators', key: '1', header: 'Remarks' }
    expect(judge(rows, { facts: [hit] })).toEqual([])
    expect(judge(rows, { facts: [{ ...hit, header: 'Name' }] })).toHaveLength(1)
    rows[2] = line(2, operator('two'), 46_000)
    expect(judge(rows, { facts: [hit, hit] })).toHaveLength(1)
    expect(judge(rows, { facts: [hit, { ...hit, key: '2' }] })).toEqual([])
  })

  test('finds a row of people’s own that is gone, and a column that nobody made', () => {
    const own: Fact = { kind: 'own row', target: 'operators', text: 'own row 5' }
    expect(judge(good(), { facts: [own] })).toEqual(['people’s text: operators'])
    expect(
      judge([...good(), [...Array(headers.length - 1).fill(null), 'own row 5']], { facts: [own] }),
    ).toEqual([])
    const rows = good()
    rows[0] = [...headers, 'Total']
    expect(judge(rows)).toEqual(['foreign column: operators'])
  })

  test('finds a header that is missing or stands twice', () => {
    const rows = good()
    rows[0] = headers.map((header) => (header === 'Name' ? 'Code' : header))
    expect(judge(rows)).toContain('missing: operators Name')
    expect(judge(rows)).toContain('doubled: operators Code')
  })
})
