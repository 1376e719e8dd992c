import { afterEach, describe, expect, it } from 'vitest'
import type { ConflictStrategy } from '../../../src/config/conflict.ts'
import { DEFAULT_SCHEMAS } from '../../../src/config/schemas.ts'
import type { SheetTarget } from '../../../src/targets/sheet/config/target.ts'
import { resolveConflict, type Take } from '../../../src/targets/sheet/index.ts'
import { collect } from './support/collect.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const written = { status: 'done', change: 'written' }
const kept = { status: 'done', change: 'kept' }

async function oneRow(conflict: ConflictStrategy, options: Partial<SheetTarget> = {}): Promise<void> {
  stage = await setStage({ conflict, ...options })
  stage.records.put(stage.target, 'a', { name: 'trip a', seats: 1, tags: ['red', 'blue'], extras: { a: 1 } })
  await stage.write(['a'])
}

const change = async (record: object) => {
  stage.records.put(stage.target, 'a', {
    name: 'trip a',
    seats: 1,
    tags: ['red', 'blue'],
    extras: { a: 1 },
    ...record,
  })
  return (await stage.write(['a'])).get('a')
}
const row = async () => (await stage.person.see())[1]
const conflicts = (what = 'column_name, base, database, sheet, winner::text, reason, open') =>
  stage.sql.query(`select ${what} from sync_conflict order by created_at`)

async function resolve(take: Take): Promise<void> {
  const [open] = await stage.sql.query<{ id: string }>('select id from sync_conflict where open')
  const resolved = await resolveConflict(stage.sql, DEFAULT_SCHEMAS, open?.id ?? '', take, 'ann')
  expect(resolved).toEqual({ target: 'trips', recordId: 'a', column: 'Name' })
}

describe('database-wins', () => {
  it('writes over an edit with the next change, and notes what was written over', async () => {
    await oneRow('database-wins')
    await stage.person.type("'Trips'!B2", [['edited']])
    expect(await change({ seats: 2 })).toEqual(written)
    expect(await row()).toEqual(['a', 'trip a', 2])
    expect(await conflicts()).toEqual([
      {
        column_name: 'Name',
        base: 'trip a',
        database: 'trip a',
        sheet: 'edited',
        winner: 'database',
        reason: 'edited in the sheet; the database wins',
        open: null,
      },
    ])
  })

  it('takes an edit that says the same as the database for no conflict', async () => {
    await oneRow('database-wins')
    await stage.person.type("'Trips'!B2", [['better name']])
    expect(await change({ name: 'better name' })).toEqual({ status: 'done', change: 'unchanged' })
    expect(await conflicts()).toEqual([])
  })
})

describe('sheet-wins', () => {
  it('keeps an edit and lists it; other cells of the record follow', async () => {
    await oneRow('sheet-wins')
    await stage.person.type("'Trips'!B2", [['edited']])
    expect(await change({ name: 'from the database', seats: 2 })).toEqual(written)
    expect(await row()).toEqual(['a', 'edited', 2])
    expect(await change({ name: 'again', seats: 2 })).toEqual(kept)
    expect(await row()).toEqual(['a', 'edited', 2])
    expect(await conflicts()).toEqual([
      {
        column_name: 'Name',
        base: 'trip a',
        database: 'again',
        sheet: 'edited',
        winner: 'sheet',
        reason: 'edited in the sheet and changed in the database; the sheet wins',
        open: true,
      },
    ])
    // It is no difference for a comparison either.
    expect(await collect(stage.writer.compare(stage.target))).toMatchObject([{ differs: [] }])
  })

  it('ends the conflict when both say the same again', async () => {
    await oneRow('sheet-wins')
    await stage.person.type("'Trips'!B2", [['edited']])
    await change({ name: 'from the database' })
    expect(await change({ name: 'edited' })).toEqual({ status: 'done', change: 'unchanged' })
    expect(await conflicts('open, winner::text, resolved_by')).toEqual([
      { open: null, winner: 'database', resolved_by: 'system' },
    ])
    // From here on the database leads again.
    expect(await change({ name: 'newer' })).toEqual(written)
    expect(await row()).toEqual(['a', 'newer', 1])
  })

  it('ends the conflict when the person puts the old value back', async () => {
    await oneRow('sheet-wins')
    await stage.person.type("'Trips'!B2", [['edited']])
    await change({ name: 'newer' })
    await stage.person.type("'Trips'!B2", [['trip a']])
    expect(await change({ name: 'newer' })).toEqual(written)
    expect(await row()).toEqual(['a', 'newer', 1])
    expect(await conflicts('open')).toEqual([{ open: null }])
  })

  it('keeps a formula that somebody typed', async () => {
    await oneRow('sheet-wins')
    await stage.person.type("'Trips'!C2", [['=2*21']])
    expect(await change({ seats: 5 })).toEqual(kept)
    expect(await row()).toEqual(['a', 'trip a', 42])
    expect(await conflicts('sheet')).toEqual([{ sheet: { formula: '=2*21' } }])
  })

  it('of one column leaves the others to the database', async () => {
    await oneRow('database-wins', {
      columns: [
        { header: 'Name', field: 'name', conflict: 'sheet-wins' },
        { header: 'Seats', field: 'seats' },
      ],
    })
    await stage.person.type("'Trips'!B2:C2", [['edited', 99]])
    await change({ name: 'newer', seats: 2 })
    expect(await row()).toEqual(['a', 'edited', 2])
  })
})

describe('merge', () => {
  const columns = [
    { header: 'Tags', field: 'tags' },
    { header: 'Extras', field: 'extras' },
    { header: 'Seats', field: 'seats' },
  ]

  it('merges lists as sets and objects key by key, and keeps merging', async () => {
    await oneRow('merge', { columns })
    await stage.person.type("'Trips'!B2:C2", [['red, blue, green', '{"a":1,"sheet":true}']], 'RAW')
    expect(await change({ tags: ['blue', 'black'], extras: { a: 2 } })).toEqual(written)
    expect(await row()).toEqual(['a', 'blue, black, green', '{"a":2,"sheet":true}', 1])
    expect(await conflicts('column_name, winner::text, open')).toEqual([
      { column_name: 'Tags', winner: 'merged', open: true },
      { column_name: 'Extras', winner: 'merged', open: true },
    ])
    // Once more changes nothing.
    expect(await change({ tags: ['blue', 'black'], extras: { a: 2 } })).toEqual(kept)
    // What the person added stays when the database moves on.
    expect(await change({ tags: ['white'], extras: { a: 3 } })).toEqual(written)
    expect(await row()).toEqual(['a', 'white, green', '{"a":3,"sheet":true}', 1])
  })

  it('merges the list of a computed column', async () => {
    const value = (record: object) => (record as { tags: string[] }).tags.toSorted()
    await oneRow('merge', { columns: [{ header: 'Tags', value }] })
    await stage.person.type("'Trips'!B2", [['blue, red, mine']])
    await change({ tags: ['red', 'new'] })
    expect(await row()).toEqual(['a', 'new, red, mine'])
  })

  it('takes the number its rule says', async () => {
    await oneRow({ merge: { numbers: 'maximum' } }, { columns })
    await stage.person.type("'Trips'!D2", [[7]])
    expect(await change({ seats: 5 })).toEqual(kept)
    await stage.person.type("'Trips'!D2", [[3]])
    expect(await change({ seats: 6 })).toEqual(written)
    expect((await row())?.[3]).toBe(6)
  })
})

describe('a function', () => {
  it('gets base, database and sheet value and says what to take', async () => {
    const seen: unknown[] = []
    const decide = (base: unknown, database: unknown, sheet: unknown) => {
      seen.push([base, database, sheet])
      return `${database} (${sheet})`
    }
    await oneRow(decide)
    await stage.person.type("'Trips'!B2", [['edited']])
    expect(await change({ name: 'newer' })).toEqual(written)
    expect(await row()).toEqual(['a', 'newer (edited)', 1])
    // What it decided is not decided again: it would grow each time.
    expect(await change({ name: 'newer' })).toEqual(kept)
    expect(await row()).toEqual(['a', 'newer (edited)', 1])
    expect(seen).toEqual([['trip a', 'newer', 'edited']])
  })

  it('that throws makes the cell wait, and nothing else', async () => {
    await oneRow(() => {
      throw new TypeError('no idea')
    })
    await stage.person.type("'Trips'!B2", [['edited']])
    expect(await change({ name: 'newer', seats: 2 })).toEqual(written)
    expect(await row()).toEqual(['a', 'edited', 2])
    expect(await conflicts('winner::text, reason')).toEqual([
      { winner: 'none', reason: expect.stringContaining("the column's function threw (TypeError)") },
    ])
  })

  it('whose value no cell takes makes the cell wait', async () => {
    await oneRow(() => 'x'.repeat(50_001))
    await stage.person.type("'Trips'!B2", [['edited']])
    expect(await change({ name: 'newer' })).toEqual(kept)
    expect(await conflicts('winner::text')).toEqual([{ winner: 'none' }])
  })
})

describe('the last writer', () => {
  const strategy = { lastWriter: { field: 'updatedAt', header: 'Edited at' } } as const

  it('wins where both times are known', async () => {
    await oneRow(strategy)
    await stage.person.type("'Trips'!E1", [['Edited at']])
    await stage.person.type("'Trips'!B2:E2", [['edited', 1, '', '2026-03-01T12:00:00Z']], 'RAW')
    expect(await change({ name: 'newer', updatedAt: new Date('2026-03-01T11:00:00Z') })).toEqual(kept)
    expect(await row()).toEqual(['a', 'edited', 1, '', '2026-03-01T12:00:00Z'])
    expect(await change({ name: 'newest', updatedAt: new Date('2026-03-01T13:00:00Z') })).toEqual(written)
    expect((await row())?.[1]).toBe('newest')
  })

  it('is the database where the time of the edit is not known', async () => {
    await oneRow(strategy)
    await stage.person.type("'Trips'!B2", [['edited']])
    expect(await change({ name: 'newer', updatedAt: new Date() })).toEqual(written)
    expect(await conflicts('reason')).toEqual([
      {
        reason: 'edited in the sheet and changed in the database; the times are not known, the database wins',
      },
    ])
  })
})

describe('manual', () => {
  it('leaves the cell until somebody takes the value of the database', async () => {
    await oneRow('manual')
    await stage.person.type("'Trips'!B2", [['edited']])
    expect(await change({ name: 'newer', seats: 2 })).toEqual(written)
    expect(await row()).toEqual(['a', 'edited', 2])
    expect(await conflicts('winner::text, open')).toEqual([{ winner: 'none', open: true }])
    await resolve('database')
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    expect(await row()).toEqual(['a', 'newer', 2])
    expect(await conflicts('winner::text, open, resolved_by, resolution')).toEqual([
      { winner: 'database', open: null, resolved_by: 'ann', resolution: 'newer' },
    ])
  })

  it('leaves the cell when somebody takes the value of the sheet, until the database changes', async () => {
    await oneRow('manual')
    await stage.person.type("'Trips'!B2", [['edited']])
    await change({ name: 'newer' })
    await resolve('sheet')
    expect(await change({ name: 'newer' })).toEqual(kept)
    expect(await row()).toEqual(['a', 'edited', 1])
    expect(await collect(stage.writer.compare(stage.target))).toMatchObject([{ differs: [] }])
    expect(await change({ name: 'newest' })).toEqual(written)
    expect(await row()).toEqual(['a', 'newest', 1])
    expect(await conflicts('open')).toEqual([{ open: null }])
  })

  it('writes a third value when somebody says so', async () => {
    await oneRow('manual')
    await stage.person.type("'Trips'!B2", [['edited']])
    await change({ name: 'newer' })
    await resolve({ value: 'agreed' })
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    expect(await row()).toEqual(['a', 'agreed', 1])
    expect((await stage.write(['a'])).get('a')).toEqual(kept)
  })

  it('asks again when the cell is edited after the decision', async () => {
    await oneRow('manual')
    await stage.person.type("'Trips'!B2", [['edited']])
    await change({ name: 'newer' })
    await resolve('sheet')
    await stage.person.type("'Trips'!B2", [['edited again']])
    expect(await change({ name: 'newer' })).toEqual(kept)
    expect(await conflicts('sheet, open')).toEqual([
      { sheet: 'edited', open: null },
      { sheet: 'edited again', open: true },
    ])
  })

  it('ends with the record', async () => {
    await oneRow('manual')
    await stage.person.type("'Trips'!B2", [['edited']])
    await change({ name: 'newer' })
    stage.records.remove(stage.target, 'a')
    await stage.write(['a'])
    expect(await conflicts('open')).toEqual([{ open: null }])
    expect(await stage.sql.query('select * from sync_record')).toEqual([])
  })

  it('refuses to resolve what is not open', async () => {
    await oneRow('manual')
    await expect(
      resolveConflict(stage.sql, DEFAULT_SCHEMAS, '00000000-0000-0000-0000-000000000000', 'sheet', 'ann'),
    ).rejects.toMatchObject({ code: 'OPERATION_INVALID' })
  })
})

describe('the time zone of the spreadsheet', () => {
  it('changed by a person, moves the clock times of the dates, and is no edit', async () => {
    await oneRow('sheet-wins', { columns: [{ header: 'Booked', field: 'bookedAt' }] })
    const bookedAt = new Date('2026-07-01T10:00:00Z')
    await change({ bookedAt })
    expect((await row())?.[1]).toBeCloseTo(46204.5, 6)
    await stage.person.do({
      updateSpreadsheetProperties: { properties: { timeZone: 'America/New_York' }, fields: 'timeZone' },
    })
    expect(await change({ bookedAt })).toEqual(written)
    expect((await row())?.[1]).toBeCloseTo(46204.25, 6)
    expect(await conflicts()).toEqual([])
  })
})
