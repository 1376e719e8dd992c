import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest'
import type { ScalarField, ScalarType } from '../../../../src/model/data-model.ts'
import { editsSchema } from '../../../../src/targets/sheet/config/edits.ts'
import { datedIn, readingOf, zoneIn } from '../../../../src/targets/sheet/edits/reading.ts'
import { sheetEditRules } from '../../../../src/targets/sheet/edits/rules.ts'
import { dateRefusal, mayBeDate } from '../../../../src/targets/sheet/edits/typed-dates.ts'
import { beforeNextRead } from '../support/between.ts'
import { dataModel } from '../support/records.ts'
import { type Stage, setStage } from '../support/stage.ts'

const scalar = (type: ScalarType, isList = false): ScalarField => ({
  ...{ kind: 'scalar', name: 'f', column: 'f', type, nativeType: null, isList, isRequired: false },
})

describe('a number that may be a date', () => {
  test.each([
    ['a day of this century', scalar('Int'), 46_056],
    ['a day and a time', scalar('Decimal'), 46_056.5],
    ['a time of day', scalar('Float'), 8.5 / 24],
    ['a length of time', scalar('Decimal'), 37.5 / 24],
    ['a day in a text', scalar('String'), 46_056],
    ['a day in a list', scalar('String', true), 46_056],
    ['a day in a BigInt', scalar('BigInt'), 46_056],
    ['a day in JSON', scalar('Json'), 46_056],
  ])('%s', (_what, field, cell) => expect(mayBeDate(field, cell)).toBe(true))
})

describe('a number that is not asked about', () => {
  test.each([
    ['a small number', scalar('Int'), 42],
    ['a price', scalar('Decimal'), 129.99],
    ['a part that is no time of day', scalar('Float'), 1 / 7],
    ['nothing', scalar('Float'), 0],
    ['less than nothing', scalar('Float'), -0.5],
    ['a date where dates belong', scalar('DateTime'), 46_056],
    ['a text', scalar('Int'), '46056'],
  ])('%s', (_what, field, cell) => expect(mayBeDate(field, cell)).toBe(false))
})

test('the reason says what it is to the sheet, and what to do', () => {
  expect(dateRefusal(scalar('Int'), 46_056)).toBe(
    '"2026-02-03" is a date to the sheet; choose Format > Number > Number and type it again',
  )
  expect(dateRefusal(scalar('Decimal'), 0.25)).toBe(
    '"6:00" is a time to the sheet; choose Format > Number > Number and type it again',
  )
  expect(dateRefusal(scalar('Decimal'), 37.5 / 24)).toBe(
    '"37:30" is a time to the sheet; choose Format > Number > Number and type it again',
  )
  expect(dateRefusal(scalar('String'), 46_056.25)).toBe(
    '"2026-02-03 06:00:00" is a date to the sheet; choose Format > Number > Plain text and type it again',
  )
})

test('the time zone is found, with and without dates', () => {
  const reading = readingOf('America/Argentina/Buenos_Aires', { Seats: 46_056, 'To do': 0.5 })
  expect(zoneIn(reading)).toBe('America/Argentina/Buenos_Aires')
  expect(datedIn(reading)).toEqual({ Seats: 46_056, 'To do': 0.5 })
  expect(readingOf('Etc/UTC')).toBe('Etc/UTC')
  expect(datedIn('Etc/UTC')).toEqual({})
  expect(zoneIn('')).toBe('')
})

describe('in a tab', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await setStage({
      columns: [
        { header: 'Name', field: 'name', writable: true },
        { header: 'Seats', field: 'seats', writable: true },
      ],
      edits: editsSchema.parse({ newRows: 'create' }),
    })
    for (const id of ['a', 'b', 'c']) stage.records.put(stage.target, id, { name: `trip ${id}`, seats: 4 })
    await stage.write(['a', 'b', 'c'])
    stage.emulator.control.before(async ({ method }) => {
      if (method === 'spreadsheets.getByDataFilter') reads++
    })
    reads = 0
  })
  afterEach(async () => {
    vi.useRealTimers()
    await stage.close()
  })

  let reads = 0
  const rules = () => sheetEditRules(stage.target, dataModel)
  const read = (header: string, shown: unknown, zone: string) =>
    rules()
      ?.fields.find((field) => field.header === header)
      ?.read(shown, zone)
  const take = async () => await stage.write(await stage.look())
  /** What the edits that were seen are read as, by record and column. */
  const found = async () => {
    const rows = await stage.sql.query<{ id: string; column: string; shown: unknown; zone: string }>(
      `select record_key as id, column_name as "column", shown, zone from sync_edit where open and state = 'pending'
       order by record_key, column_name`,
    )
    return rows.map(({ id, column, shown, zone }) => [id, column, read(column, shown, zone)])
  }
  const refused = { refused: expect.stringMatching(/^"\d{4}-02-03" is a date to the sheet; choose Format/) }

  it('a number of seats that Sheets takes for a day is refused, and the same number is none', async () => {
    await stage.person.type('Trips!C2', [['2-3']])
    const day = (await stage.person.see())[1]?.[2]
    expect(day).toBeGreaterThan(46_000)
    await stage.person.type('Trips!C3', [[day as number]])
    await take()
    expect(await found()).toEqual([
      ['a', 'Seats', refused],
      ['b', 'Seats', { value: day }],
    ])
  })

  it('asks for nothing more where an everyday number is typed', async () => {
    await stage.person.type('Trips!C2', [[5]])
    await take()
    expect(await found()).toEqual([['a', 'Seats', { value: 5 }]])
    // A look, and the read of the batch.
    expect(reads).toBe(2)
  })

  it('other values of the record are read as ever', async () => {
    await stage.person.type('Trips!C2', [['2-3']])
    await take()
    const [edit] = await stage.sql.query<{ zone: string }>('select zone from sync_edit where open')
    expect(read('Seats', 4, edit?.zone ?? '')).toEqual({ value: 4 })
    expect(read('Name', 46_056, edit?.zone ?? '')).toEqual({ value: '46056' })
    expect(zoneIn(edit?.zone ?? '')).toBe('Europe/Berlin')
  })

  it('a text column that has lost its format takes no day for a text', async () => {
    await stage.person.do({
      repeatCell: {
        range: {
          sheetId:
            (await stage.person.tabs()).find(({ properties }) => properties?.title === 'Trips')?.properties
              ?.sheetId ?? 0,
        },
        cell: {},
        fields: 'userEnteredFormat.numberFormat',
      },
    })
    await stage.person.type('Trips!B2', [['2-3']])
    await take()
    expect(await found()).toEqual([['a', 'Name', refused]])
  })

  it('a new row with such a number becomes no record', async () => {
    await stage.person.type('Trips!B5:C5', [['trip d', '2-3']])
    await take()
    const [edit] = await stage.sql.query<{ shown: Record<string, unknown>; zone: string }>(
      'select shown, zone from sync_edit where open',
    )
    expect(read('Seats', edit?.shown.Seats, edit?.zone ?? '')).toEqual(refused)
    expect(read('Name', edit?.shown.Name, edit?.zone ?? '')).toEqual({ value: 'trip d' })
  })

  it('is taken up again once the cell has the format that the reason asks for', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    await stage.person.type('Trips!B5:C5', [['trip d', '2-3']])
    await stage.person.type('Trips!C2', [['2-3']])
    await take()
    await stage.sql.query(`update sync_edit set state = 'refused', code = 'EDIT_INVALID', reason = 'no'`)
    const states = async () =>
      (await stage.sql.query<{ state: string; zone: string }>('select state::text, zone from sync_edit')).map(
        ({ state, zone }) => [state, zone.includes('{')],
      )
    await stage.look()
    expect(await states()).toEqual([
      ['refused', true],
      ['refused', true],
    ])
    await stage.person.do({
      repeatCell: {
        range: { sheetId: await stage.person.sheetId('Trips'), startColumnIndex: 2, endColumnIndex: 3 },
        cell: { userEnteredFormat: { numberFormat: { type: 'NUMBER', pattern: '0' } } },
        fields: 'userEnteredFormat.numberFormat',
      },
    })
    const refusedStill = [
      ['refused', true],
      ['refused', true],
    ]
    // Whoever puts the format right is about to type.
    for (const ms of [30_000, 30_000]) {
      vi.advanceTimersByTime(ms)
      await stage.look()
      expect(await states()).toEqual(refusedStill)
    }
    const before = reads
    await stage.look()
    expect(reads - before).toBe(1)
    vi.advanceTimersByTime(31_000)
    await stage.look()
    expect(await states()).toEqual([
      ['pending', false],
      ['pending', false],
    ])
  })

  describe('where nobody can tell', () => {
    let ids: readonly string[]
    beforeEach(async () => {
      await stage.person.type('Trips!C2', [['2-3']])
      ids = await stage.look()
    })
    const tellsNext = async () => {
      await stage.write(ids)
      expect(await found()).toEqual([])
      await take()
      expect(await found()).toEqual([['a', 'Seats', refused]])
    }

    it('because the cells cannot be read, the next look tells', async () => {
      const match = { calls: 'read' } as const
      beforeNextRead(
        stage,
        async () => void stage.emulator.control.faults.add({ kind: 'status', status: 503, match }),
      )
      await tellsNext()
    })

    it('because rows are moved before they are read, the next look tells', async () => {
      beforeNextRead(stage, async () => beforeNextRead(stage, () => stage.person.insert('ROWS', 1)))
      await tellsNext()
    })
  })

  it('moved columns hide nothing', async () => {
    await stage.person.type('Trips!C2', [['2-3']])
    const ids = await stage.look()
    beforeNextRead(stage, async () => beforeNextRead(stage, () => stage.person.insert('COLUMNS', 1)))
    await stage.write(ids)
    expect(await found()).toEqual([['a', 'Seats', refused]])
  })
})
