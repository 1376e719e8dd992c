import { afterEach, describe, expect, it } from 'vitest'
import { HUMAN_TOKEN } from '../../../packages/sheets-emulator/index.ts'
import { Prisma } from '../../../prisma/generated/client/client.ts'
import type { SheetTarget } from '../../../src/targets/sheet/config/target.ts'
import { createSheetsClient } from '../../../src/targets/sheet/index.ts'
import { collect } from './support/collect.ts'
import { expectTab } from './support/expect-tab.ts'
import { Person } from './support/person.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const columns = [
  'name',
  'code',
  'status',
  'seats',
  'price',
  'ledger',
  'rating',
  'open',
  'leavesOn',
  'bookedAt',
  'opensAt',
  'tags',
  'extras',
].map((field) => ({ header: field, field }))

const record = {
  name: '=HYPERLINK("http://evil", "click")',
  code: '0012',
  status: 'NEW',
  seats: -7,
  price: new Prisma.Decimal('1234.50'),
  ledger: 9_007_199_254_740_993n,
  rating: 0.1,
  open: false,
  leavesOn: new Date('2026-12-24T00:00:00Z'),
  bookedAt: new Date('2026-07-01T10:30:15.250Z'),
  opensAt: new Date('1970-01-01T09:15:00Z'),
  tags: ['red', 'light, blue'],
  extras: { note: '+1', list: [1, 2] },
}

async function typed(): Promise<unknown[]> {
  const { data } = await stage.person.api.spreadsheets.get({
    spreadsheetId: stage.spreadsheetId,
    ranges: ["'Trips'!2:2"],
    includeGridData: true,
  })
  const cells = data.sheets?.[0]?.data?.[0]?.rowData?.[0]?.values ?? []
  return cells.map(({ userEnteredValue }) => Object.values(userEnteredValue ?? {})[0] ?? null)
}

async function shown(): Promise<unknown[]> {
  const { data } = await stage.person.api.spreadsheets.values.get({
    spreadsheetId: stage.spreadsheetId,
    range: "'Trips'!A2:Z2",
  })
  return data.values?.[0] ?? []
}

describe('values of every kind', () => {
  it('stand in the sheet exactly, typed, and are recognised as they are', async () => {
    stage = await setStage({ columns })
    stage.records.put(stage.target, 'a', record)
    await stage.write(['a'])
    expect(await typed()).toEqual([
      'a',
      '=HYPERLINK("http://evil", "click")',
      '0012',
      'NEW',
      -7,
      1234.5,
      '9007199254740993',
      0.1,
      false,
      46380,
      // 12:30:15.25 on the clock of Berlin.
      expect.closeTo(46204 + (12 * 3600 + 30 * 60 + 15.25) / 86_400, 9),
      expect.closeTo((9 * 3600 + 15 * 60) / 86_400, 9),
      'red, "light, blue"',
      '{"note":"+1","list":[1,2]}',
    ])
    // A second write finds nothing to do: what is read back is what was meant.
    expect((await stage.write(['a'])).get('a')).toEqual({ status: 'done', change: 'unchanged' })
    expect(stage.emulator.control.calls.counts().write.calls).toBe(1)
  })

  it('dates look like dates, in new rows too, and after the tab has grown', async () => {
    stage = await setStage({ columns })
    const ids = Array.from({ length: 1_200 }, (_, index) => `r${index}`)
    for (const id of ids) stage.records.put(stage.target, id, record)
    await stage.write(ids.slice(0, 1))
    expect((await shown()).slice(9, 12)).toEqual(['2026-12-24', '2026-07-01 12:30:15', '09:15:00'])
    await stage.write(ids)
    const { data } = await stage.person.api.spreadsheets.values.get({
      spreadsheetId: stage.spreadsheetId,
      range: "'Trips'!J1190:K1190",
    })
    expect(data.values).toEqual([['2026-12-24', '2026-07-01 12:30:15']])
  })

  it('a computed date gets a format when the first one is written', async () => {
    const value = (one: object) => (one as { bookedAt?: Date }).bookedAt
    stage = await setStage({ columns: [{ header: 'When', value }] })
    stage.records.put(stage.target, 'a', {})
    await stage.write(['a'])
    stage.records.put(stage.target, 'a', record)
    await stage.write(['a'])
    expect(await shown()).toEqual(['a', '2026-07-01 12:30:15'])
    // The format is theirs now.
    const sheetId = await stage.person.sheetId()
    await stage.person.do({
      repeatCell: {
        range: { sheetId, startRowIndex: 1, startColumnIndex: 1, endColumnIndex: 2 },
        cell: { userEnteredFormat: { numberFormat: { type: 'DATE', pattern: 'dd.mm.yyyy' } } },
        fields: 'userEnteredFormat.numberFormat',
      },
    })
    stage.records.put(stage.target, 'a', { bookedAt: new Date('2026-08-01T10:00:00Z') })
    await stage.write(['a'], stage.target, stage.newWriter())
    expect(await shown()).toEqual(['a', '01.08.2026'])
  })

  it('null empties a cell', async () => {
    stage = await setStage({ columns })
    stage.records.put(stage.target, 'a', record)
    await stage.write(['a'])
    stage.records.put(stage.target, 'a', {
      ...Object.fromEntries(Object.keys(record).map((key) => [key, null])),
      seats: 1,
    })
    expect((await stage.write(['a'])).get('a')).toEqual({ status: 'done', change: 'written' })
    expect(await stage.person.see()).toEqual([
      ['ID', ...columns.map(({ header }) => header)],
      ['a', '', '', '', 1],
    ])
  })
})

describe('dates in the time zone of the spreadsheet', () => {
  const at = new Date('2026-05-01T03:00:00Z')
  const columns = [{ header: 'Booked', field: 'bookedAt' }]

  it.each([
    ['GMT-07:00', 46142 + 20 / 24],
    ['GMT+05:30', 46143 + 8.5 / 24],
    ['Etc/GMT+7', 46142 + 20 / 24],
  ])('are on its clock, where that is %s', async (timeZone, serial) => {
    stage = await setStage({ columns })
    const spreadsheetId = stage.emulator.createSpreadsheet({ properties: { title: 'Test', timeZone } })
    const target = { ...stage.target, spreadsheetId }
    stage.records.put(target, 'a', { bookedAt: at })
    await stage.write(['a'], target)
    const person = new Person(stage.emulator.url, spreadsheetId, HUMAN_TOKEN)
    expect((await person.see())[1]?.[1]).toBeCloseTo(serial, 9)
    expect(stage.log.filter(({ timeZone: name }) => name)).toEqual([])
  })

  it('are in UTC where nobody knows it, which is said in the log once', async () => {
    stage = await setStage({ columns })
    const client = createSheetsClient({ google: null, sheetsApiUrl: stage.emulator.url })
    const { spreadsheets } = client
    for (const name of ['get', 'getByDataFilter'] as const) {
      const call = spreadsheets[name].bind(spreadsheets) as (
        ...given: never[]
      ) => Promise<{ data: { properties?: object } }>
      Object.assign(spreadsheets, {
        [name]: async (...given: never[]) => {
          const response = await call(...given)
          Object.assign(response.data.properties ?? {}, { timeZone: 'Mars/Olympus' })
          return response
        },
      })
    }
    const writer = stage.newWriter({ sheets: client })
    stage.records.put(stage.target, 'a', { bookedAt: at })
    for (let times = 0; times < 3; times++) await stage.write(['a'], stage.target, writer)
    await collect(writer.compare(stage.target))
    expect((await stage.person.see())[1]?.[1]).toBeCloseTo(46143 + 3 / 24, 9)
    expect(stage.log.filter(({ timeZone }) => timeZone)).toMatchObject([
      { level: 40, timeZone: 'Mars/Olympus', msg: expect.stringContaining('is not known') },
    ])
  })
})

describe('ids that are numbers', () => {
  it('are numbers in the sheet, so that people can sort by them', async () => {
    stage = await setStage()
    const seats: SheetTarget = {
      ...stage.target,
      name: 'seats',
      model: 'Seat',
      tab: 'Seats',
      columns: [{ header: 'Name', field: 'name' }],
    }
    for (const id of ['2', '10', '9']) stage.records.put(seats, id, { name: `seat ${id}` })
    await stage.write(['2', '10', '9'], seats)
    await stage.person.sort(0, 'ASCENDING', 'Seats')
    await expectTab(stage, 'Seats').toShow(`
      ID | Name
      2  | seat 2
      9  | seat 9
      10 | seat 10
    `)
    stage.records.put(seats, '9', { name: 'changed' })
    expect((await stage.write(['9'], seats)).get('9')).toEqual({ status: 'done', change: 'written' })
    expect((await stage.person.see('Seats'))[2]).toEqual([9, 'changed'])
  })
})

describe('a deleted record', () => {
  const two = async (onDelete: SheetTarget['onDelete']) => {
    stage = await setStage({ onDelete })
    for (const id of ['a', 'b']) stage.records.put(stage.target, id, { name: `trip ${id}`, seats: 1 })
    await stage.write(['a', 'b'])
    await stage.person.type("'Trips'!E2", [['a note of ours']])
    stage.records.remove(stage.target, 'a')
    expect((await stage.write(['a'])).get('a')).toEqual({ status: 'done', change: 'removed' })
  }
  const unchanged = { status: 'done', change: 'unchanged' }

  it('loses its row', async () => {
    await two('remove')
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      b  | trip b | 1
    `)
    expect((await stage.write(['a'])).get('a')).toEqual(unchanged)
    expect(await stage.sql.query('select record_key from sync_record')).toEqual([{ record_key: 'b' }])
  })

  it('keeps its key and what people noted beside it', async () => {
    await two('clear')
    await expectTab(stage).toShow(`
      ID | Name   | Seats |  |
      a  |        |       |  | a note of ours
      b  | trip b | 1     |  |
    `)
    expect((await stage.write(['a'])).get('a')).toEqual(unchanged)
    stage.records.put(stage.target, 'a', { name: 'back', seats: 2 })
    await stage.write(['a'])
    expect((await stage.person.see())[1]).toEqual(['a', 'back', 2, '', 'a note of ours'])
  })

  it('keeps its row, marked', async () => {
    stage = await setStage({ onDelete: 'mark' })
    for (const id of ['a', 'b']) stage.records.put(stage.target, id, { name: `trip ${id}`, seats: 1 })
    await stage.write(['a', 'b'])
    stage.records.remove(stage.target, 'a')
    await stage.write(['a'])
    await expectTab(stage).toShow(`
      ID | Name   | Seats | Deleted
      a  | trip a | 1     | TRUE
      b  | trip b | 1     |
    `)
    expect((await stage.write(['a'])).get('a')).toEqual(unchanged)
    stage.records.put(stage.target, 'a', { name: 'back', seats: 2 })
    await stage.write(['a'])
    expect((await stage.person.see())[1]).toEqual(['a', 'back', 2])
  })

  it('that never had a row needs none', async () => {
    stage = await setStage()
    expect((await stage.write(['a'])).get('a')).toEqual(unchanged)
  })
})
