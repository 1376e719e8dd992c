import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { afterEach, describe, expect, it } from 'vitest'
import { editsSchema } from '../../../src/targets/sheet/config/edits.ts'
import type { Column, SheetTarget } from '../../../src/targets/sheet/config/target.ts'
import { createSheetsClient } from '../../../src/targets/sheet/index.ts'
import { expectRows } from './support/expect-tab.ts'
import { type Stage, setStage } from './support/stage.ts'

/* What a tab is given when it is made, so that people know what they may change, and to what. */

let stage: Stage
afterEach(() => stage.close())

const COLUMNS: readonly Column[] = [
  { header: 'Name', field: 'name' },
  { header: 'Status', field: 'status', writable: true },
  { header: 'Open', field: 'open', writable: true },
  { header: 'Leaves', field: 'leavesOn', writable: true },
  { header: 'Booked', field: 'bookedAt', writable: true },
  { header: 'Opens', field: 'opensAt', writable: true },
  { header: 'Comment', field: 'code', writable: true },
  { header: 'Seats', field: 'seats' },
  { header: 'Price', field: 'price', conflict: 'manual' },
]
const RECORD = { name: 'Alps', status: 'NEW', open: true, leavesOn: new Date('2026-07-01'), seats: 3 }

const edits = (options: Record<string, unknown> = {}, columns = COLUMNS): Partial<SheetTarget> => ({
  columns,
  edits: editsSchema.parse(options),
})

async function sheetOf(tab = 'Trips'): Promise<sheets_v4.Schema$Sheet> {
  const { data } = await stage.person.api.spreadsheets.get({
    spreadsheetId: stage.spreadsheetId,
    ranges: [`'${tab}'`],
    fields:
      'sheets(properties(sheetId,gridProperties),protectedRanges,data(rowData(values(note,dataValidation,userEnteredValue))))',
  })
  return data.sheets?.[0] ?? expect.fail('no tab')
}
const rowOf = (sheet: sheets_v4.Schema$Sheet, row: number) => sheet.data?.[0]?.rowData?.[row]?.values ?? []
/** Rules of a row by column, in short. */
const rulesOf = (sheet: sheets_v4.Schema$Sheet, row: number) =>
  rowOf(sheet, row).flatMap(({ dataValidation: rule }, column) =>
    rule
      ? [
          [
            column,
            rule.condition?.type,
            rule.condition?.values?.map((one) => one.userEnteredValue).join() ?? '',
            rule.strict === true,
            rule.inputMessage,
          ],
        ]
      : [],
  )
const locksOf = (sheet: sheets_v4.Schema$Sheet) =>
  (sheet.protectedRanges ?? []).map(({ range, description, editors }) => [
    description,
    range?.startRowIndex ?? 'all',
    range?.startColumnIndex ?? 0,
    range?.endColumnIndex,
    editors?.users,
  ])

const RULES = [
  [2, 'ONE_OF_LIST', 'NEW,DONE', true, 'Choose one of the list.'],
  [3, 'ONE_OF_LIST', 'TRUE,FALSE', true, 'Choose TRUE or FALSE.'],
  [4, 'DATE_IS_VALID', '', true, 'Type a date, such as 2026-11-29.'],
  [5, 'DATE_IS_VALID', '', false, 'Type a date and a time, such as 2026-11-29 14:30.'],
]

describe('a new tab', () => {
  it('has drop-downs, date checks and notes on its headers, all in the one write that makes it', async () => {
    stage = await setStage(edits())
    stage.records.put(stage.target, 'a', RECORD)
    expect((await stage.write(['a'])).get('a')).toMatchObject({ status: 'done' })
    expect(stage.emulator.control.calls.counts().write.calls).toBe(1)
    const sheet = await sheetOf()
    expect(rowOf(sheet, 0).map(({ note }) => note)).toEqual([
      'The key by which the row is found. Leave it as it is.',
      'Comes from the database; what is typed here is written over.',
      'People may change this column. Choose one of the list.',
      'People may change this column. Choose TRUE or FALSE.',
      'People may change this column. Type a date, such as 2026-11-29.',
      'People may change this column. Type a date and a time, such as 2026-11-29 14:30.',
      'People may change this column.',
      'People may change this column.',
      'Comes from the database; what is typed here is written over.',
      'Comes from the database.',
      'Says why something that was typed has not been taken.',
    ])
    expect(rulesOf(sheet, 0)).toEqual([])
    // Of the record's row, and of those that people may add below.
    expect(rulesOf(sheet, 1)).toEqual(RULES)
    expect(rulesOf(sheet, 999)).toEqual(RULES)
    // The headers say nothing else than before.
    expect(rowOf(sheet, 0)[2]?.userEnteredValue).toEqual({ stringValue: 'Status' })
    expect(sheet.protectedRanges).toBeUndefined()
  })

  it('a person at the screen is kept from what would be refused, and the record goes its way', async () => {
    stage = await setStage(edits())
    stage.records.put(stage.target, 'a', RECORD)
    await stage.write(['a'])
    const person = stage.emulator.human(stage.spreadsheetId)
    const type = (cell: string, text: string) => person.act('type', { tab: 'Trips', cell, text })
    expect(() => type('C2', 'UNKNOWN')).toThrow('Choose one of the list.')
    type('C2', 'DONE')
    type('D2', 'FALSE')
    // Added rows land below the last record, whatever rules the empty ones have.
    stage.records.put(stage.target, 'b', { ...RECORD, name: 'Baltic' })
    await stage.write(['b'])
    expect((await stage.person.see()).map(([id]) => id)).toEqual(['ID', 'a', 'b'])
  })

  it('has none of it with help: false, or without writable columns', async () => {
    stage = await setStage(edits({ help: false }))
    stage.records.put(stage.target, 'a', RECORD)
    await stage.write(['a'])
    const sheet = await sheetOf()
    expect(rowOf(sheet, 0).flatMap(({ note }) => note ?? [])).toEqual([])
    expect(rulesOf(sheet, 1)).toEqual([])
    await stage.close()
    stage = await setStage()
    stage.records.put(stage.target, 'a', { name: 'Alps', seats: 12 })
    await stage.write(['a'])
    expect(rowOf(await sheetOf(), 0).flatMap(({ note }) => note ?? [])).toEqual([])
  })

  it('rows that it grows by have the rules too, unless people have other columns', async () => {
    stage = await setStage(edits({}, [{ header: 'Status', field: 'status', writable: true }]))
    for (let i = 0; i < 1_200; i++) stage.records.put(stage.target, `r${i}`, { status: 'NEW' })
    const ids = stage.records.ids(stage.target)
    await stage.write(ids.slice(0, 900))
    await stage.write(ids.slice(900))
    const sheet = await sheetOf()
    expect(sheet.properties?.gridProperties?.rowCount).toBeGreaterThan(1_201)
    for (const row of [1, 950, 1_100, 1_300]) expect(rulesOf(sheet, row).length).toBe(1)
  })
})

describe('a tab that was there', () => {
  it('keeps its columns as people have them; a column that is added has help', async () => {
    stage = await setStage(edits())
    await stage.person.do({ addSheet: { properties: { title: 'Trips' } } })
    await stage.person.type('Trips!A1', [['ID', 'Name', 'Status', 'Open']])
    stage.records.put(stage.target, 'a', RECORD)
    await stage.write(['a'])
    const sheet = await sheetOf()
    expect(rowOf(sheet, 0).map(({ note }) => note !== undefined)).toEqual([
      ...[false, false, false, false],
      ...[true, true, true, true, true, true, true],
    ])
    expect(rulesOf(sheet, 1).map(([column]) => column)).toEqual([4, 5])
  })

  it('what people did with a rule stays: it is set once', async () => {
    stage = await setStage(edits())
    stage.records.put(stage.target, 'a', RECORD)
    await stage.write(['a'])
    const sheetId = (await sheetOf()).properties?.sheetId ?? 0
    await stage.person.do({ setDataValidation: { range: { sheetId } } })
    stage.records.put(stage.target, 'a', { ...RECORD, seats: 4 })
    await stage.write(['a'], stage.target, stage.newWriter())
    expect(rulesOf(await sheetOf(), 1)).toEqual([])
  })
})

describe('lock: true', () => {
  const ROBOT = 'robot@example.com'
  /** A writer with a service account, as the worker's. */
  const asRobot = () => {
    const sheets = createSheetsClient({ google: null, sheetsApiUrl: stage.emulator.url })
    sheets.context._options.headers = { authorization: `Bearer token-of-${ROBOT}` }
    return { account: ROBOT, sheets }
  }

  it('protects the columns that nobody may change, whole, in one range a run, for all but the account', async () => {
    stage = await setStage(edits({ lock: true }))
    stage.records.put(stage.target, 'a', RECORD)
    const robot = stage.newWriter(asRobot())
    await stage.write(['a'], stage.target, robot)
    expect(stage.emulator.control.calls.counts().write.calls).toBe(1)
    expect(locksOf(await sheetOf())).toEqual([
      ['prisma-writeback', 'all', 0, 2, [ROBOT]],
      ['prisma-writeback', 'all', 8, 11, [ROBOT]],
    ])
    // Everybody is refused there now, but the account.
    stage.emulator.control.access.refuseProtected(stage.spreadsheetId)
    stage.records.put(stage.target, 'a', { ...RECORD, name: 'Andes' })
    stage.records.put(stage.target, 'b', RECORD)
    const outcomes = await stage.write(['a', 'b'], stage.target, robot)
    expect([...outcomes.values()].map(({ status }) => status)).toEqual(['done', 'done'])
    expectRows((await stage.person.see()).map((row) => row.slice(0, 2))).toShow(`
      ID | Name
      a  | Andes
      b  | Alps
    `)
    // They are there once, also for another worker, and after columns were moved.
    await stage.person.do({
      moveDimension: {
        source: {
          sheetId: (await sheetOf()).properties?.sheetId ?? 0,
          dimension: 'COLUMNS',
          startIndex: 8,
          endIndex: 11,
        },
        destinationIndex: 3,
      },
    })
    stage.records.put(stage.target, 'a', { ...RECORD, name: 'Atlas' })
    await stage.write(['a'], stage.target, stage.newWriter(asRobot()))
    expect(locksOf(await sheetOf())).toHaveLength(2)
  })

  it('protects the columns of a tab that was there, beside protections of people', async () => {
    const columns = [
      { header: 'Name', field: 'name' },
      { header: 'Comment', field: 'code', writable: true },
    ]
    stage = await setStage(edits({ lock: true }, columns))
    const [added] = await stage.person.do({ addSheet: { properties: { title: 'Trips' } } })
    const sheetId = added?.addSheet?.properties?.sheetId ?? 0
    await stage.person.do({
      addProtectedRange: {
        protectedRange: { range: { sheetId, startColumnIndex: 0, endColumnIndex: 1 }, description: 'mine' },
      },
    })
    await stage.person.type('Trips!A1', [['ID', 'Name', 'Comment']])
    stage.records.put(stage.target, 'a', RECORD)
    await stage.write(['a'])
    expect(locksOf(await sheetOf())).toEqual([
      ['mine', 'all', 0, 1, undefined],
      ['prisma-writeback', 'all', 0, 2, undefined],
      ['prisma-writeback', 'all', 3, 4, undefined],
    ])
  })
})

describe('checkboxes', () => {
  const BOXES: readonly Column[] = [
    { header: 'Name', field: 'name', writable: true },
    { header: 'Insured', field: 'insured', writable: true },
    { header: 'Open', field: 'open', writable: true },
  ]
  const columnOf = (sheet: sheets_v4.Schema$Sheet, column: number, rows: number) =>
    Array.from({ length: rows }, (_, row) => rowOf(sheet, row)[column]?.dataValidation?.condition?.type)

  it('stand in rows of records, where a Boolean is required; rows below choose from a list', async () => {
    stage = await setStage(edits({}, BOXES))
    stage.records.put(stage.target, 'a', { name: 'Alps', insured: true, open: null })
    stage.records.put(stage.target, 'b', { name: 'Baltic', insured: false, open: true })
    await stage.write(['a', 'b'])
    const sheet = await sheetOf()
    expect(columnOf(sheet, 2, 5)).toEqual([undefined, 'BOOLEAN', 'BOOLEAN', 'ONE_OF_LIST', 'ONE_OF_LIST'])
    // Null is not FALSE.
    expect(columnOf(sheet, 3, 3)).toEqual([undefined, 'ONE_OF_LIST', 'ONE_OF_LIST'])
    // A record that is added stands right below, and has one too; nothing is put into rows that nobody has.
    stage.records.put(stage.target, 'c', { name: 'Corfu', insured: false, open: null })
    await stage.write(['c'], stage.target, stage.newWriter())
    expect(columnOf(await sheetOf(), 2, 6).slice(3)).toEqual(['BOOLEAN', 'ONE_OF_LIST', 'ONE_OF_LIST'])
    expect(await stage.person.see()).toEqual([
      ['ID', 'Name', 'Insured', 'Open', 'Sync'],
      ['a', 'Alps', true],
      ['b', 'Baltic', false, true],
      ['c', 'Corfu', false],
    ])
    for await (const page of stage.newWriter().compare(stage.target))
      expect(page).toMatchObject({ differs: [], unknown: 0, rows: 3 })
  })

  it('that are ticked and unticked in a row without a key are no row that somebody began', async () => {
    stage = await setStage(edits({ newRows: 'create' }, BOXES.slice(1)))
    stage.records.put(stage.target, 'a', { insured: true, open: null })
    await stage.write(['a'])
    await stage.person.type('Trips!B4:B5', [['FALSE'], ['TRUE']])
    const found = await stage.look()
    // One row was begun: the one that is ticked.
    const waiting = await stage.sql.query(`select base from sync_edit where kind = 'create'`)
    expect(waiting).toEqual([{ base: { row: 4 } }])
    expect(found).toHaveLength(1)
    for await (const page of stage.newWriter().compare(stage.target)) expect(page.unknown).toBe(1)
  })
})

describe('the drop-down of a foreign key', () => {
  const BUS: readonly Column[] = [
    { header: 'Name', field: 'name', writable: true },
    { header: 'Bus', field: 'busId', writable: true },
  ]
  const busRules = async () => rulesOf(await sheetOf(), 1)
  const open = async (buses: readonly unknown[]) => {
    stage = await setStage(edits({}, BUS))
    stage.records.buses = buses
    stage.records.put(stage.target, 'a', { name: 'Alps', busId: 1 })
    await stage.write(['a'])
  }
  const compare = async () => {
    const differs: string[] = []
    for await (const page of stage.newWriter().compare(stage.target)) differs.push(...page.differs)
    return differs
  }

  it('lists the records that there are, and warns of others: one may have been added since', async () => {
    await open([1, 2, 3])
    expect(await busRules()).toEqual([[2, 'ONE_OF_LIST', '1,2,3', false, 'Choose one of the list.']])
    expect(rulesOf(await sheetOf(), 999)).toHaveLength(1)
    expect(rowOf(await sheetOf(), 0)[2]?.note).toBe('People may change this column. Choose one of the list.')
  })

  it('follows the records: a comparison finds that it is out of date, and one call puts it right', async () => {
    await open([1, 2])
    expect(await compare()).toEqual([])
    stage.records.buses = [1, 2, 4]
    expect(await compare()).toEqual(['a'])
    const before = stage.emulator.control.calls.counts().write.calls
    const other = stage.newWriter()
    expect((await stage.write(['a'], stage.target, other)).get('a')).toMatchObject({ status: 'done' })
    expect(stage.emulator.control.calls.counts().write.calls - before).toBe(1)
    expect(await busRules()).toEqual([[2, 'ONE_OF_LIST', '1,2,4', false, 'Choose one of the list.']])
    expect(await compare()).toEqual([])
    // Set only when it changes: what people did to it stays until then.
    await stage.person.do({ setDataValidation: { range: { sheetId: await stage.person.sheetId() } } })
    stage.records.put(stage.target, 'a', { name: 'Andes', busId: 1 })
    await stage.write(['a'], stage.target, other)
    expect(await busRules()).toEqual([])
  })

  it('is taken away beyond a hundred records, and comes back; texts that would be formulas have none', async () => {
    await open([1, 2])
    stage.records.buses = Array.from({ length: 101 }, (_, at) => at)
    expect(await compare()).toEqual(['a'])
    await stage.write(['a'], stage.target, stage.newWriter())
    expect(await busRules()).toEqual([])
    expect(await compare()).toEqual([])
    stage.records.buses = ['=1', 'b']
    expect(await compare()).toEqual([])
    stage.records.buses = [7]
    stage.records.put(stage.target, 'a', { name: 'Andes', busId: 7 })
    await stage.write(['a'], stage.target, stage.newWriter())
    expect(await busRules()).toEqual([[2, 'ONE_OF_LIST', '7', false, 'Choose one of the list.']])
  })

  it('is none where the reader does not know, and nothing else is held up', async () => {
    stage = await setStage(edits({}, BUS))
    stage.records.values = () => Promise.reject(new Error('no such table'))
    stage.records.put(stage.target, 'a', { name: 'Alps', busId: 1 })
    expect((await stage.write(['a'])).get('a')).toMatchObject({ status: 'done' })
    expect(await busRules()).toEqual([])
  })
})
