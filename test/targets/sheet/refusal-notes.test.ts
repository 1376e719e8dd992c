import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { editsSchema } from '../../../src/targets/sheet/config/edits.ts'
import type { Column } from '../../../src/targets/sheet/config/target.ts'
import { type Stage, setStage } from './support/stage.ts'

/* `edits.refusals: 'note'`: a refused cell says so itself, in its note and its background. */

const COLUMNS: readonly Column[] = [
  { header: 'Name', field: 'name', writable: true },
  { header: 'Seats', field: 'seats', writable: true },
  { header: 'Comment', field: 'code' },
]
const OURS = '#f4cccc'

let stage: Stage
beforeEach(async () => {
  stage = await setStage({ columns: COLUMNS, edits: editsSchema.parse({ refusals: 'note', help: false }) })
  for (const [at, id] of ['a', 'b', 'c'].entries())
    stage.records.put(stage.target, id, { name: `Trip ${id}`, seats: at + 1, code: null })
  await stage.write(['a', 'b', 'c'])
})
afterEach(() => stage.close())

/** Notes and backgrounds by cell, such as `C2`; plain cells are left out. */
async function looks(): Promise<Record<string, string>> {
  const { data } = await stage.person.api.spreadsheets.get({
    spreadsheetId: stage.spreadsheetId,
    ranges: ["'Trips'"],
    fields: 'sheets(data(rowData(values(note,userEnteredFormat(backgroundColorStyle)))))',
  })
  const hex = (part: number | null | undefined) =>
    Math.round((part ?? 0) * 255)
      .toString(16)
      .padStart(2, '0')
  return Object.fromEntries(
    (data.sheets?.[0]?.data?.[0]?.rowData ?? []).flatMap(({ values }, row) =>
      (values ?? []).flatMap(({ note, userEnteredFormat }, column): [string, string][] => {
        const rgb = userEnteredFormat?.backgroundColorStyle?.rgbColor
        const color = rgb && `#${hex(rgb.red)}${hex(rgb.green)}${hex(rgb.blue)}`
        const parts = [note, color].filter((part) => part !== undefined && part !== null)
        return parts.length > 0 ? [[`${String.fromCharCode(65 + column)}${row + 1}`, parts.join(' | ')]] : []
      }),
    ),
  )
}
const writes = () => stage.emulator.control.calls.counts().write.calls
/** What a person typed has been found, and refused. */
async function refuse(id: string, column: string, reason: string): Promise<void> {
  await stage.write([id])
  const [found] = await stage.sql.query<{ base: unknown; shown: unknown }>(
    `update sync_edit set state = 'refused', code = 'EDIT_INVALID', reason = $3, decided_at = now()
     where target = 'trips' and record_key = $1 and column_name = $2 and open returning base, shown`,
    [id, column, reason],
  )
  expect(found).toBeDefined()
  // As `applyEdits` does: the sheet keeps what was typed until either side changes.
  const settled = { kept: found?.shown, over: found?.base, seen: found?.shown, from: found?.base }
  await stage.sql.query(`update sync_record set base = base || $2::jsonb where record_key = $1`, [
    id,
    JSON.stringify({ [column]: settled }),
  ])
}
const type = (cell: string, value: string | number) => stage.person.type(`Trips!${cell}`, [[value]])
const person = () => stage.emulator.human(stage.spreadsheetId)
/** A person takes something of the looks of cells in the second row away. */
async function clear(fields: 'note' | 'userEnteredFormat', startColumnIndex: number, endColumnIndex: number) {
  const sheetId = await stage.person.sheetId()
  const range = { sheetId, startRowIndex: 1, endRowIndex: 2, startColumnIndex, endColumnIndex }
  await stage.person.do({ updateCells: { range, fields } })
}

describe('a refused cell', () => {
  it('gets a note with the reason and a background, in the call that is made anyway, and no column is added', async () => {
    await type('C2', 'many')
    await refuse('a', 'Seats', '"many" is no whole number')
    const before = writes()
    // A record of another row is written at the same time.
    stage.records.put(stage.target, 'b', { name: 'Trip b', seats: 2, code: 'K1' })
    await stage.write(['a', 'b'])
    expect(writes() - before).toBe(1)
    const marked = { C2: `⚠ Not stored: "many" is no whole number | ${OURS}` }
    expect(await looks()).toEqual(marked)
    expect(await stage.person.see()).toEqual([
      ['ID', 'Name', 'Seats', 'Comment'],
      ['a', 'Trip a', 'many'],
      ['b', 'Trip b', 2, 'K1'],
      ['c', 'Trip c', 3],
    ])
    // Nothing differs any more, for this worker, another one, and a comparison.
    await stage.write(['a'])
    expect(writes() - before).toBe(1)
    const other = stage.newWriter()
    for await (const page of other.compare(stage.target)) expect(page.differs).toEqual([])
    expect((await stage.write(['a'], stage.target, other)).get('a')).toMatchObject({ change: 'kept' })
    expect(await looks()).toEqual(marked)
  })

  it('looks as before once it is right, and keeps what people noted and coloured', async () => {
    const sheetId = await stage.person.sheetId()
    const start = { sheetId, rowIndex: 1, columnIndex: 2 }
    await stage.person.do({
      updateCells: { start, fields: 'note', rows: [{ values: [{ note: 'ask Ada' }] }] },
    })
    person().act('format', { tab: 'Trips', range: 'C2', background: '#ffff00', bold: true })
    await type('C2', 'many')
    await refuse('a', 'Seats', 'no')
    await stage.write(['a'])
    expect(await looks()).toEqual({ C2: `ask Ada\n⚠ Not stored: no (colour before: #ffff00) | ${OURS}` })
    await type('C2', 12)
    await stage.write(['a'])
    expect(await looks()).toEqual({ C2: 'ask Ada | #ffff00' })
    // Nothing else of the cell's format was touched.
    const { data } = await stage.person.api.spreadsheets.get({
      spreadsheetId: stage.spreadsheetId,
      ranges: ["'Trips'!C2"],
      fields: 'sheets(data(rowData(values(userEnteredFormat(textFormat)))))',
    })
    const cell = data.sheets?.[0]?.data?.[0]?.rowData?.[0]?.values?.[0]
    expect(cell?.userEnteredFormat?.textFormat).toEqual({ bold: true })
  })

  it('is plain again when what was typed is taken back, and when the reason changes it says the new one', async () => {
    await type('C2', 'many')
    await refuse('a', 'Seats', 'no')
    await stage.write(['a'])
    await type('C2', 51)
    await refuse('a', 'Seats', 'at most 50')
    expect(await looks()).toEqual({})
    await stage.write(['a'])
    expect(await looks()).toEqual({ C2: `⚠ Not stored: at most 50 | ${OURS}` })
    await type('C2', 1)
    await stage.write(['a'])
    expect(await looks()).toEqual({})
    expect((await stage.sql.query('select from sync_edit where open')).length).toBe(0)
  })

  it('keeps its mark when rows are sorted, inserted and moved, and loses it there', async () => {
    await type('C2', 'many')
    await refuse('a', 'Seats', 'no')
    await stage.write(['a'])
    await stage.person.sort(0, 'DESCENDING')
    await stage.person.insert('ROWS', 1)
    await stage.person.insert('COLUMNS', 1)
    expect(await looks()).toEqual({ D5: `⚠ Not stored: no | ${OURS}` })
    await stage.write(['a', 'b', 'c'])
    expect(await looks()).toEqual({ D5: `⚠ Not stored: no | ${OURS}` })
    await type('D5', 1)
    await stage.write(['a'])
    expect(await looks()).toEqual({})
  })

  it('in a row that goes leaves nothing, and a row that is cleared is plain', async () => {
    await type('C2', 'many')
    await refuse('a', 'Seats', 'no')
    await stage.write(['a'])
    stage.records.remove(stage.target, 'a')
    await stage.write(['a'])
    expect(await looks()).toEqual({})
    const clearing = { ...stage.target, onDelete: 'clear' } as const
    await type('C2', 'many')
    await refuse('b', 'Seats', 'no')
    await stage.write(['b'])
    expect(Object.keys(await looks())).toEqual(['C2'])
    stage.records.remove(stage.target, 'b')
    await stage.write(['b'], clearing)
    expect(await looks()).toEqual({})
    expect((await stage.person.see())[1]).toEqual(['b'])
  })
})

describe('a mark of which a person takes a part away', () => {
  beforeEach(async () => {
    await type('C2', 'many')
    await refuse('a', 'Seats', 'no')
    await stage.write(['a'])
    // People use the colour, too.
    person().act('format', { tab: 'Trips', range: 'B2', background: OURS })
  })

  it.each([
    ['another value', 12],
    ['the value of before', 1],
  ])('loses its colour with its note gone, once the cell has %s', async (_, value) => {
    await clear('note', 2, 3)
    await type('C2', value)
    const pages = []
    for await (const page of stage.newWriter().compare(stage.target)) pages.push(page.differs)
    expect(pages).toEqual([['a']])
    await stage.write(['a'])
    expect(await looks()).toEqual({ B2: OURS })
  })

  it('is whole again when the row is written, and leaves nothing behind', async () => {
    await clear('note', 2, 3)
    stage.records.put(stage.target, 'a', { name: 'Trip a', seats: 1, code: 'K1' })
    await stage.write(['a'])
    expect(await looks()).toEqual({ B2: OURS, C2: `⚠ Not stored: no | ${OURS}` })
    await type('C2', 12)
    await stage.write(['a'])
    expect(await looks()).toEqual({ B2: OURS })
  })

  it('leaves nothing in a row that is cleared because its record is gone', async () => {
    await clear('note', 2, 3)
    stage.records.remove(stage.target, 'a')
    await stage.write(['a'], { ...stage.target, onDelete: 'clear' })
    expect(await looks()).toEqual({ B2: OURS })
  })

  it.each([
    ['of the cell', 2, 3],
    ['of the whole row', 0, 4],
  ])('keeps its note while the formats %s are cleared, and loses it as ever', async (_, from, to) => {
    const rest = from === 0 ? {} : { B2: OURS }
    await clear('userEnteredFormat', from, to)
    const before = writes()
    await stage.write(['a'])
    expect(writes()).toBe(before)
    expect(await looks()).toEqual({ ...rest, C2: '⚠ Not stored: no' })
    for await (const page of stage.newWriter().compare(stage.target)) expect(page.differs).toEqual([])
    await type('C2', 12)
    await stage.write(['a'])
    expect(await looks()).toEqual(rest)
  })
})

describe('a mark that is not where it should be', () => {
  it('because rows were moved under the call, is taken off, and the cell looks as it did', async () => {
    person().act('format', { tab: 'Trips', range: 'C4', background: '#00ff00' })
    const sheetId = await stage.person.sheetId()
    const start = { sheetId, rowIndex: 3, columnIndex: 2 }
    const rows = [{ values: [{ note: 'of c' }] }]
    await stage.person.do({ updateCells: { start, fields: 'note', rows } })
    await type('C2', 'many')
    await refuse('a', 'Seats', 'no')
    let sorted = false
    const undo = stage.emulator.control.before(({ kind }) => {
      if (kind !== 'write' || sorted) return
      sorted = true
      person().act('sort', { tab: 'Trips', column: 'A', descending: true })
    })
    await stage.write(['a'])
    undo()
    expect(sorted).toBe(true)
    expect(await looks()).toEqual({ C2: 'of c | #00ff00', C4: `⚠ Not stored: no | ${OURS}` })
    expect((await stage.person.see()).map(([id]) => id)).toEqual(['ID', 'c', 'b', 'a'])
  })

  it('because it came into a row without a key, is taken off', async () => {
    await type('C2', 'many')
    await refuse('a', 'Seats', 'no')
    let inserted = false
    const undo = stage.emulator.control.before(({ kind }) => {
      if (kind !== 'write' || inserted) return
      inserted = true
      person().act('insertRows', { tab: 'Trips', above: 2 })
      person().act('type', { tab: 'Trips', cell: 'B2', text: 'mine' })
    })
    await stage.write(['a'])
    undo()
    expect(await looks()).toEqual({ C3: `⚠ Not stored: no | ${OURS}` })
    expect((await stage.person.see())[1]).toEqual(['', 'mine'])
  })

  it('because columns were moved under the call, is taken off', async () => {
    await type('C2', 'many')
    await refuse('a', 'Seats', 'no')
    let moved = false
    const undo = stage.emulator.control.before(async ({ kind }) => {
      if (kind !== 'write' || moved) return
      moved = true
      await stage.person.move('COLUMNS', 2, 4)
    })
    await stage.write(['a'])
    undo()
    expect((await stage.person.see())[0]).toEqual(['ID', 'Name', 'Comment', 'Seats'])
    expect(await looks()).toEqual({ D2: `⚠ Not stored: no | ${OURS}` })
  })

  it.each(['reset-after', 'reset-before'] as const)(
    'after a lost answer (%s) is there once',
    async (kind) => {
      await type('C2', 'many')
      await refuse('a', 'Seats', 'no')
      stage.emulator.control.faults.add({ kind, match: { calls: 'write' }, count: 1 })
      await stage.write(['a'])
      expect(await looks()).toEqual({ C2: `⚠ Not stored: no | ${OURS}` })
      await type('C2', 1)
      stage.emulator.control.faults.add({ kind, match: { calls: 'write' }, count: 1 })
      await stage.write(['a'])
      expect(await looks()).toEqual({})
    },
  )

  it('because its worker died after the call, is known to the next one, and to a comparison', async () => {
    await type('C2', 'many')
    await refuse('a', 'Seats', 'no')
    await stage.write(['a'])
    // The refusal is over, and nobody has taken the mark off: as when the worker that was to do it died.
    await stage.sql.query(`update sync_edit set state = 'withdrawn', open = null where open`)
    await stage.sql.query(`update sync_record set base = base || '{"Seats": 1}' where record_key = 'a'`)
    await type('C2', 1)
    const other = stage.newWriter()
    const pages = []
    for await (const page of other.compare(stage.target)) pages.push(page.differs)
    expect(pages).toEqual([['a']])
    await stage.write(['a'], stage.target, other)
    expect(await looks()).toEqual({})
    for await (const page of other.compare(stage.target)) expect(page.differs).toEqual([])
  })

  it('on a copy of the row, goes with the key', async () => {
    await type('C2', 'many')
    await refuse('a', 'Seats', 'no')
    await stage.write(['a'])
    person().act('copyRows', { tab: 'Trips', row: 2, above: 5 })
    await type('D5', 'other')
    await stage.write(['a'])
    await stage.write(['a'])
    expect(Object.keys(await looks())).toEqual(['C2'])
  })
})
