import { afterEach, describe, expect, it } from 'vitest'
import type { SheetTarget } from '../../../src/targets/sheet/config/target.ts'
import type { SheetWriter } from '../../../src/targets/sheet/index.ts'
import { until } from '../../support/wait.ts'
import { beforeNextWrite } from './support/between.ts'
import { endLaneSessions } from './support/lane-sessions.ts'
import { tripTarget } from './support/records.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const HEADER = ['ID', 'Name', 'Seats']
const FOUR_COLUMNS = ['Name', 'Seats', 'Code', 'Rating'].map((header) => ({
  header,
  field: header.toLowerCase(),
}))
const written = { status: 'done', change: 'written' }
const removed = { status: 'done', change: 'removed' }

async function fourRows(options: Partial<SheetTarget> = {}): Promise<void> {
  stage = await setStage(options)
  for (const [index, id] of ['a', 'b', 'c', 'd'].entries()) {
    stage.records.put(stage.target, id, { name: `trip ${id}`, seats: index + 1 })
  }
  await stage.write(['a', 'b', 'c', 'd'])
}

/** From the next read on, so many writes fail. */
function failWrites(count: number): void {
  const undo = stage.emulator.control.before(async ({ kind }) => {
    if (kind !== 'read') return
    undo()
    const match = { method: 'spreadsheets.batchUpdate' }
    stage.emulator.control.faults.add({ kind: 'status', status: 503, match, count })
  })
}

/** The next write is applied, and its answer is lost. */
function loseAnswer(): void {
  stage.emulator.control.faults.add({ kind: 'reset-after', match: { method: 'spreadsheets.batchUpdate' } })
}

/** The column of the keys goes to the right of ours, which move to the left. */
const moveKeyRight = () => stage.person.move('COLUMNS', 0, 3)

/** Our columns change places, but for the one of the keys. */
const swapColumns = () => stage.person.move('COLUMNS', 1, 3)

/** A target whose ids are numbers. */
const seatTarget = () =>
  tripTarget(stage.spreadsheetId, {
    name: 'seats',
    tab: 'Seats',
    model: 'Seat',
    columns: [{ header: 'Name', field: 'name' }],
  })

const put = (id: string, seats: number) => stage.records.put(stage.target, id, { name: `trip ${id}`, seats })

/** Another worker goes on with a record. */
async function anotherWrites(id: string): Promise<void> {
  const other = stage.newWriter()
  await until(
    'the other worker writes',
    async () => (await stage.write([id], stage.target, other)).get(id)?.status === 'done',
  )
}

async function repaired(): Promise<number> {
  const [row] = await stage.sql.query<{ repaired: string }>('select repaired from sync_target')
  return Number(row?.repaired)
}

describe('between read and write a person', () => {
  it('sorts: what was written to the wrong row is repaired, there and where it belongs', async () => {
    await fourRows()
    put('a', 11)
    beforeNextWrite(stage, () => stage.person.sort(2, 'DESCENDING'))
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    expect(await stage.person.see()).toEqual([
      HEADER,
      ['d', 'trip d', 4],
      ['c', 'trip c', 3],
      ['b', 'trip b', 2],
      ['a', 'trip a', 11],
    ])
    await until('the repair is counted', async () => (await repaired()) === 1)
  })

  it("sorts a sheet where the sheet wins: damage of ours is nobody's edit", async () => {
    await fourRows({ conflict: 'sheet-wins' })
    put('a', 11)
    beforeNextWrite(stage, () => stage.person.sort(2, 'DESCENDING'))
    await stage.write(['a'])
    expect((await stage.person.see())[1]).toEqual(['d', 'trip d', 4])
    expect(await stage.sql.query('select * from sync_conflict')).toEqual([])
  })

  it('inserts a row above: the record below is written in its new place', async () => {
    await fourRows()
    put('c', 33)
    beforeNextWrite(stage, () => stage.person.insert('ROWS', 1))
    expect((await stage.write(['c'])).get('c')).toEqual(written)
    expect(await stage.person.see()).toEqual([
      HEADER,
      [],
      ['a', 'trip a', 1],
      ['b', 'trip b', 2],
      ['c', 'trip c', 33],
      ['d', 'trip d', 4],
    ])
  })

  it('puts in a row of their own: what landed in it is taken out again, what they wrote there stays', async () => {
    await fourRows()
    put('c', 33)
    beforeNextWrite(stage, async () => {
      await stage.person.insert('ROWS', 3)
      await stage.person.type("'Trips'!D4", [['our own note']])
    })
    expect((await stage.write(['c'])).get('c')).toEqual(written)
    const rows = await stage.person.see()
    expect(rows.slice(3)).toEqual([
      ['', '', '', 'our own note'],
      ['c', 'trip c', 33],
      ['d', 'trip d', 4],
    ])
  })

  it('puts in a subtotal: of the cells that landed in it none stays', async () => {
    await fourRows()
    put('c', 33)
    beforeNextWrite(stage, async () => {
      await stage.person.insert('ROWS', 3)
      await stage.person.type("'Trips'!B4", [['subtotal']])
    })
    expect((await stage.write(['c'])).get('c')).toEqual(written)
    const rows = await stage.person.see()
    expect(rows[3]).toEqual(['', 'subtotal'])
    expect(rows[4]).toEqual(['c', 'trip c', 33])
  })

  describe('puts in a row of their own, and the API fails when what landed there is taken out', () => {
    async function ownRow(failures: number): Promise<void> {
      await fourRows()
      put('c', 33)
      beforeNextWrite(stage, async () => {
        await stage.person.insert('ROWS', 3)
        await stage.person.type("'Trips'!D4", [['our own note']])
        failWrites(failures)
      })
    }
    const rows = async () => (await stage.person.see()).slice(3)
    const clean = [
      ['', '', '', 'our own note'],
      ['c', 'trip c', 33],
      ['d', 'trip d', 4],
    ]

    it('once: it is taken out all the same', async () => {
      await ownRow(1)
      expect((await stage.write(['c'])).get('c')).toEqual(written)
      expect(await rows()).toEqual(clean)
    })

    it('until the batch is given up: the next one takes it out', async () => {
      await ownRow(3)
      expect((await stage.write(['c'])).get('c')).toMatchObject({ status: 'deferred' })
      put('d', 4)
      await until(
        'the lane is tried again',
        async () => (await stage.write(['d'])).get('d')?.status === 'done',
      )
      await stage.write(['c'])
      expect(await rows()).toEqual(clean)
    })
  })

  it('puts in a row of their own, and sorts while what landed there is taken out: both are put right', async () => {
    await fourRows()
    put('c', 33)
    beforeNextWrite(stage, async () => {
      await stage.person.insert('ROWS', 3)
      await stage.person.type("'Trips'!D4", [['our own note']])
      beforeNextWrite(stage, () => stage.person.sort(0, 'DESCENDING'))
    })
    expect((await stage.write(['c'])).get('c')).toEqual(written)
    expect(await stage.person.see()).toEqual([
      HEADER,
      ['d', 'trip d', 4],
      ['c', 'trip c', 33],
      ['b', 'trip b', 2],
      ['a', 'trip a', 1],
      ['', '', '', 'our own note'],
    ])
  })

  it('sorts while rows are removed: rows removed by mistake come back', async () => {
    await fourRows({ onRowDeleted: 'keep-away' })
    stage.records.remove(stage.target, 'a')
    beforeNextWrite(stage, () => stage.person.sort(2, 'DESCENDING'))
    expect((await stage.write(['a'])).get('a')).toEqual(removed)
    const rows = await stage.person.see()
    expect(rows.map(([id]) => id).sort()).toEqual(['ID', 'b', 'c', 'd'])
    expect(rows.find(([id]) => id === 'd')).toEqual(['d', 'trip d', 4])
  })

  it('moves a row while another is removed, and the rows beside that look right: the right one goes', async () => {
    await fourRows()
    stage.records.remove(stage.target, 'c')
    beforeNextWrite(stage, async () => {
      // a and c change places, b and d stay.
      await stage.person.move('ROWS', 3, 1)
      await stage.person.move('ROWS', 2, 4)
    })
    expect((await stage.write(['c'])).get('c')).toEqual(removed)
    const rows = await stage.person.see()
    expect(rows.toSorted()).toEqual([HEADER, ['a', 'trip a', 1], ['b', 'trip b', 2], ['d', 'trip d', 4]])
  })

  it('inserts a row while the last one is removed, between rows of their own: the right one goes', async () => {
    await fourRows()
    await stage.person.insert('ROWS', 4, 7)
    await stage.person.type("'Trips'!D5:D7", [['one'], ['two'], ['three']])
    stage.records.remove(stage.target, 'd')
    beforeNextWrite(stage, () => stage.person.insert('ROWS', 5))
    expect((await stage.write(['d'])).get('d')).toEqual(removed)
    const keys = (await stage.person.see()).flatMap(([key]) => key || [])
    // What people had in the row that was hit instead is lost; nothing tells that it is a row of theirs.
    expect(keys).toEqual(['ID', 'a', 'b', 'c'])
  })

  it('moves columns, and inserts a row while a new row is taken out again: no row is lost', async () => {
    await fourRows()
    put('e', 5)
    beforeNextWrite(stage, async () => {
      await moveKeyRight()
      beforeNextWrite(stage, () => stage.person.insert('ROWS', 1))
    })
    expect((await stage.write(['e'])).get('e')).toEqual(written)
    const rows = (await stage.person.see()).filter((row) => row.length > 0)
    expect(rows.toSorted()).toEqual([
      ['Name', 'Seats', 'ID'],
      ['trip a', 1, 'a'],
      ['trip b', 2, 'b'],
      ['trip c', 3, 'c'],
      ['trip d', 4, 'd'],
      ['trip e', 5, 'e'],
    ])
  })

  describe('deletes a row, another record is hit, and the API fails until the batch is given up', () => {
    const columns = [
      { header: 'Name', field: 'name' },
      { header: 'Seats', field: 'seats', conflict: 'sheet-wins' },
    ] as const

    async function hit(): Promise<void> {
      await fourRows({ columns })
      put('c', 33)
      beforeNextWrite(stage, async () => {
        await stage.person.delete('ROWS', 1)
        failWrites(3)
      })
      expect((await stage.write(['c'])).get('c')).toMatchObject({ status: 'deferred' })
    }
    async function expectRight(writer: SheetWriter): Promise<void> {
      await until(
        'the lane is tried again',
        async () => (await stage.write(['a', 'c', 'd'], undefined, writer)).get('d')?.status === 'done',
      )
      const [header, ...rows] = await stage.person.see()
      expect(header).toEqual(HEADER)
      expect(rows.sort()).toEqual([
        ['a', 'trip a', 1],
        ['b', 'trip b', 2],
        ['c', 'trip c', 33],
        ['d', 'trip d', 4],
      ])
      expect(await stage.sql.query('select from sync_conflict')).toEqual([])
    }

    it('the worker that wrote does not take it for an edit', async () => {
      await hit()
      await expectRight(stage.writer)
    })

    it('nor does another worker, which goes on first', async () => {
      await hit()
      await expectRight(stage.newWriter())
    })
  })

  it('deletes rows: removals and updates find the right ones', async () => {
    await fourRows()
    stage.records.remove(stage.target, 'b')
    put('d', 44)
    beforeNextWrite(stage, () => stage.person.delete('ROWS', 1))
    const outcomes = await stage.write(['b', 'd'])
    expect(Object.fromEntries(outcomes)).toEqual({ b: removed, d: written })
    const rows = await stage.person.see()
    // a was removed by the person, b by the library; c may have been lost in between, and is back.
    expect(
      rows
        .map(([id]) => id)
        .filter((id) => id !== 'a')
        .sort(),
    ).toEqual(['ID', 'c', 'd'])
    expect(rows.find(([id]) => id === 'd')).toEqual(['d', 'trip d', 44])
    expect(rows.find(([id]) => id === 'c')).toEqual(['c', 'trip c', 3])
  })

  it('types into a cell of ours: the next change tells', async () => {
    await fourRows()
    put('a', 11)
    beforeNextWrite(stage, () => stage.person.type("'Trips'!B2", [['typed']]))
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    // Only the cell that changed was written.
    expect((await stage.person.see())[1]).toEqual(['a', 'typed', 11])
  })

  it('adds a row at the bottom: a new record goes below it', async () => {
    await fourRows()
    put('e', 5)
    beforeNextWrite(stage, () => stage.person.type("'Trips'!B6:C6", [['by hand', 6]]))
    expect((await stage.write(['e'])).get('e')).toEqual(written)
    expect((await stage.person.see()).slice(4)).toEqual([
      ['d', 'trip d', 4],
      ['', 'by hand', 6],
      ['e', 'trip e', 5],
    ])
  })

  it('moves columns: what landed in wrong cells of ours is put right, new rows are not doubled', async () => {
    await fourRows()
    put('a', 11)
    put('e', 5)
    beforeNextWrite(stage, moveKeyRight)
    expect(Object.fromEntries(await stage.write(['a', 'e']))).toEqual({ a: written, e: written })
    expect(await stage.person.see()).toEqual([
      ['Name', 'Seats', 'ID'],
      ['trip a', 11, 'a'],
      ['trip b', 2, 'b'],
      ['trip c', 3, 'c'],
      ['trip d', 4, 'd'],
      ['trip e', 5, 'e'],
    ])
  })

  it.each([1, 3])(
    'moves columns, and the API fails %i times: no row stays with its key elsewhere',
    async (failures) => {
      await fourRows()
      put('e', 5)
      beforeNextWrite(stage, async () => {
        await moveKeyRight()
        failWrites(failures)
      })
      await stage.write(['e'])
      put('d', 4)
      await until(
        'the lane is tried again',
        async () => (await stage.write(['d'])).get('d')?.status === 'done',
      )
      await stage.write(['e'])
      expect(await stage.person.see()).toEqual([
        ['Name', 'Seats', 'ID'],
        ['trip a', 1, 'a'],
        ['trip b', 2, 'b'],
        ['trip c', 3, 'c'],
        ['trip d', 4, 'd'],
        ['trip e', 5, 'e'],
      ])
    },
  )

  it('moves columns, and the answer is lost: new rows are not doubled', async () => {
    await fourRows()
    put('e', 5)
    beforeNextWrite(stage, moveKeyRight)
    loseAnswer()
    await stage.write(['e'])
    expect((await stage.person.see()).slice(4)).toEqual([
      ['trip d', 4, 'd'],
      ['trip e', 5, 'e'],
    ])
  })

  it.each([
    ['the answer is lost', { lost: true, failures: 0 }],
    ['the answer is lost and the API fails for a while', { lost: true, failures: 3 }],
    ['the API fails once', { lost: false, failures: 1 }],
    ['the API fails for a while', { lost: false, failures: 3 }],
  ])(
    'moves columns so that a key is written over, and %s: the key comes back',
    async (_, { lost, failures }) => {
      await fourRows()
      put('a', 11)
      put('c', 13)
      beforeNextWrite(stage, async () => {
        await stage.person.type("'Trips'!D1:D2", [['Remarks'], ['theirs']])
        await moveKeyRight()
        if (failures > 0) failWrites(failures)
      })
      if (lost) loseAnswer()
      await stage.write(['a', 'c'])
      await until(
        'the lane is tried again',
        async () => (await stage.write(['d'])).get('d')?.status === 'done',
      )
      await stage.write(['a', 'c'])
      expect(await stage.person.see()).toEqual([
        ['Name', 'Seats', 'ID', 'Remarks'],
        ['trip a', 11, 'a', 'theirs'],
        ['trip b', 2, 'b'],
        ['trip c', 13, 'c'],
        ['trip d', 4, 'd'],
      ])
    },
  )

  it('moves columns so that a key is written over, and sorts while it is put back: every row is as it was', async () => {
    await fourRows()
    put('a', 11)
    beforeNextWrite(stage, async () => {
      await stage.person.type("'Trips'!D1:D5", [['Remarks'], ['of a'], ['of b'], ['of c'], ['of d']])
      await moveKeyRight()
      beforeNextWrite(stage, () => stage.person.sort(0, 'DESCENDING'))
    })
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    expect(await stage.person.see()).toEqual([
      ['Name', 'Seats', 'ID', 'Remarks'],
      ['trip d', 4, 'd', 'of d'],
      ['trip c', 3, 'c', 'of c'],
      ['trip b', 2, 'b', 'of b'],
      ['trip a', 11, 'a', 'of a'],
    ])
  })

  it.each(['sheet-wins', 'manual'] as const)(
    "moves columns, and the answer is lost: what landed in a wrong column is nobody's edit (%s)",
    async (conflict) => {
      await fourRows({ conflict })
      put('a', 11)
      beforeNextWrite(stage, swapColumns)
      loseAnswer()
      await stage.write(['a'])
      expect((await stage.person.see()).slice(0, 2)).toEqual([
        ['ID', 'Seats', 'Name'],
        ['a', 11, 'trip a'],
      ])
      expect(await stage.sql.query('select column_name from sync_conflict')).toEqual([])
    },
  )

  it.each(['sheet-wins', 'manual'] as const)(
    'moves columns while a row comes back, and the answer is lost: nothing is taken for an edit (%s)',
    async (conflict) => {
      await fourRows({ conflict })
      await stage.person.delete('ROWS', 1)
      put('a', 11)
      beforeNextWrite(stage, swapColumns)
      loseAnswer()
      expect((await stage.write(['a'])).get('a')).toEqual(written)
      const shown = await stage.person.see()
      expect([shown[0], shown[4]]).toEqual([
        ['ID', 'Seats', 'Name'],
        ['a', 11, 'trip a'],
      ])
      expect(await stage.sql.query('select column_name from sync_conflict')).toEqual([])
    },
  )

  it('moves columns: what a person typed elsewhere stays, although it is what was written', async () => {
    await fourRows({ columns: FOUR_COLUMNS, conflict: 'sheet-wins' })
    await stage.person.type("'Trips'!B3:C3", [['edited', 22]])
    stage.records.put(stage.target, 'a', { name: 'edited', seats: 22 })
    beforeNextWrite(stage, () => stage.person.move('COLUMNS', 3, 5))
    expect((await stage.write(['a'])).get('a')).toMatchObject({ status: 'done' })
    expect((await stage.person.see()).slice(0, 3)).toEqual([
      ['ID', 'Name', 'Seats', 'Rating', 'Code'],
      ['a', 'edited', 22],
      ['b', 'edited', 22],
    ])
  })

  it.each([
    ['', swapColumns, 0, ['ID', 'Seats', 'Name', 'Code', 'Rating'], ['a', 1, 'a 2', 'c', 9]],
    [', the API fails', swapColumns, 3, ['ID', 'Seats', 'Name', 'Code', 'Rating'], ['a', 1, 'a 2', 'c', 9]],
    [
      ' so that a key is written over',
      () => stage.person.move('COLUMNS', 0, 2),
      0,
      ['Name', 'ID', 'Seats', 'Code', 'Rating'],
      ['a 2', 'a', 1, 'c', 9],
    ],
  ])(
    'moves columns%s: an edit in a column that was not written stays',
    async (_, move, failures, ...expected) => {
      const record = { name: 'a 1', seats: 1, code: 'c', rating: 4 }
      await fourRows({ columns: FOUR_COLUMNS, conflict: 'sheet-wins' })
      stage.records.put(stage.target, 'a', record)
      await stage.write(['a'])
      await stage.person.type("'Trips'!E2", [[9]])
      stage.records.put(stage.target, 'a', { ...record, name: 'a 2' })
      beforeNextWrite(stage, async () => {
        await move()
        if (failures > 0) failWrites(failures)
      })
      await stage.write(['a'])
      await until(
        'the lane is tried again',
        async () => (await stage.write(['a'])).get('a')?.status === 'done',
      )
      expect((await stage.person.see()).slice(0, 2)).toEqual(expected)
    },
  )

  it.each([
    ['in part', ''],
    ['all of them', ', new'],
  ])(
    'moves columns so that two keys are written over, and changes places of these rows while they are put back: cells %s',
    async (_, more) => {
      await fourRows()
      await stage.person.type("'Trips'!D1:D5", [['Remarks'], ['of a'], ['of b'], ['of c'], ['of d']])
      for (const [id, seats] of [
        ['b', 12],
        ['c', 13],
      ] as const)
        stage.records.put(stage.target, id, { name: `trip ${id}${more}`, seats })
      beforeNextWrite(stage, async () => {
        await moveKeyRight()
        beforeNextWrite(stage, () => stage.person.move('ROWS', 2, 4))
      })
      expect([...(await stage.write(['b', 'c'])).values()]).toEqual([written, written])
      expect(await stage.person.see()).toEqual([
        ['Name', 'Seats', 'ID', 'Remarks'],
        ['trip a', 1, 'a', 'of a'],
        [`trip c${more}`, 13, 'c', 'of c'],
        [`trip b${more}`, 12, 'b', 'of b'],
        ['trip d', 4, 'd', 'of d'],
      ])
    },
  )

  it('moves columns so that a key is written over, and rows while it is put back: an edit of another record stays', async () => {
    await fourRows({ columns: FOUR_COLUMNS, conflict: 'sheet-wins' })
    const record = (id: string) => ({ name: `${id} 1`, seats: 1, code: 'c', rating: 4 })
    for (const id of ['a', 'b']) stage.records.put(stage.target, id, record(id))
    await stage.write(['a', 'b'])
    await stage.person.type("'Trips'!E3", [[9]])
    stage.records.put(stage.target, 'a', { ...record('a'), name: 'a 2', seats: 5 })
    beforeNextWrite(stage, async () => {
      await stage.person.move('COLUMNS', 0, 2)
      beforeNextWrite(stage, () => stage.person.move('ROWS', 1, 3))
    })
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    expect((await stage.person.see()).slice(0, 3)).toEqual([
      ['Name', 'ID', 'Seats', 'Code', 'Rating'],
      ['b 1', 'b', 1, 'c', 9],
      ['a 2', 'a', 5, 'c', 4],
    ])
  })

  it('moves rows, and a write is lost: another row that looks like the one it was for is left alone', async () => {
    stage = await setStage()
    // The key of one is what the other is to show; in all else they are alike.
    for (const id of ['a', 'b']) stage.records.put(stage.target, id, { name: 'n', seats: 1 })
    await stage.write(['a', 'b'])
    await stage.person.type("'Trips'!D1:D3", [['Remarks'], ['of a'], ['of b']])
    stage.records.put(stage.target, 'a', { name: 'b', seats: 1 })
    const match = { method: 'spreadsheets.batchUpdate' }
    stage.emulator.control.faults.add({ kind: 'status', status: 503, match })
    let reads = 0
    const undo = stage.emulator.control.before(async ({ kind }) => {
      // The first is that of the write that fails.
      if (kind !== 'read' || ++reads < 2) return
      undo()
      await stage.person.sort(0, 'DESCENDING')
    })
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    expect(reads).toBe(2)
    expect(await stage.person.see()).toEqual([
      [...HEADER, 'Remarks'],
      ['b', 'n', 1, 'of b'],
      ['a', 'b', 1, 'of a'],
    ])
  })

  it('inserts a column while a row comes back: what landed in wrong columns is not taken for an edit', async () => {
    await fourRows({ conflict: 'sheet-wins' })
    await stage.person.delete('ROWS', 1)
    put('a', 11)
    beforeNextWrite(stage, () => stage.person.insert('COLUMNS', 1))
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    const shown = await stage.person.see()
    expect([shown[0], shown[4]]).toEqual([
      ['ID', '', 'Name', 'Seats'],
      ['a', 'trip a', 'trip a', 11],
    ])
    expect(await stage.sql.query('select column_name from sync_conflict')).toEqual([])
  })

  it.each([
    ['sorts', () => stage.person.sort(2, 'DESCENDING')],
    ['moves columns', moveKeyRight],
  ])('%s, and the worker is told to leave: what it damaged is put right first', async (_, act) => {
    await fourRows()
    const before = await stage.person.see()
    put('a', 11)
    const leaving = new AbortController()
    beforeNextWrite(stage, async () => {
      await act()
      leaving.abort()
    })
    const request = { target: stage.target, ids: ['a'] }
    const outcomes = await stage.writer.write(stage.spreadsheetId, [request], leaving.signal)
    expect(['done', 'deferred']).toContain(outcomes.get('trips')?.get('a')?.status)
    const at = (header: readonly unknown[], row: readonly unknown[]) =>
      HEADER.map((name) => row[header.indexOf(name)])
    const [header = [], ...rows] = await stage.person.see()
    // Of the record itself the old value may stand, for its job comes back.
    const seats = rows.map((row) => at(header, row)).toSorted()
    const expected = before.slice(1).toSorted()
    expect(seats.map(([id, name, seat]) => [id, name, id === 'a' && seat === 11 ? 1 : seat])).toEqual(
      expected,
    )
  })

  it('moves columns of one tab, and the database fails while another is stored: the key comes back', async () => {
    await fourRows()
    const seats = seatTarget()
    stage.records.put(seats, '1', { name: 'one' })
    await stage.write(['1'], seats)
    stage.records.put(seats, '1', { name: 'two' })
    put('a', 11)
    beforeNextWrite(stage, async () => {
      await moveKeyRight()
      await endLaneSessions(stage)
    })
    const both = [
      { target: seats, ids: ['1'] },
      { target: stage.target, ids: ['a'] },
    ]
    await until('both are written', async () => {
      const outcomes = await stage.writer.write(stage.spreadsheetId, both)
      return [...outcomes.values()].every((byId) =>
        [...byId.values()].every(({ status }) => status === 'done'),
      )
    })
    expect((await stage.person.see()).slice(0, 3)).toEqual([
      ['Name', 'Seats', 'ID'],
      ['trip a', 11, 'a'],
      ['trip b', 2, 'b'],
    ])
  })

  it('puts in a row, and moves it while that is put right: what two writes left there is taken out', async () => {
    await fourRows({ columns: FOUR_COLUMNS })
    stage.records.put(stage.target, 'a', { name: 'trip a, new', seats: 11, code: 'c' })
    put('b', 12)
    beforeNextWrite(stage, async () => {
      await stage.person.insert('ROWS', 1)
      await stage.person.type("'Trips'!F2", [['own row']])
      beforeNextWrite(stage, () => stage.person.move('ROWS', 1, 4))
    })
    await stage.write(['a', 'b'])
    // That batch is at its end when the next one has been.
    await stage.write(['c'])
    const [, ...rows] = await stage.person.see()
    expect(rows).toEqual([
      ['a', 'trip a, new', 11, 'c'],
      ['b', 'trip b', 12],
      ['', '', '', '', '', 'own row'],
      ['c', 'trip c', 3],
      ['d', 'trip d', 4],
    ])
  })

  it('moves columns, another worker goes on: whichever of them finds the row, it gets its key back', async () => {
    await fourRows()
    put('a', 11)
    beforeNextWrite(stage, async () => {
      await moveKeyRight()
      failWrites(3)
    })
    expect((await stage.write(['a'])).get('a')).toMatchObject({ status: 'deferred' })
    await anotherWrites('a')
    const keys = async () => (await stage.person.see()).map((row) => row[2] ?? '')
    await until('the row has its key', async () => (await keys()).join() === 'ID,a,b,c,d')
    await stage.write(['b'])
    await stage.write(['b'])
    expect((await stage.person.see())[1]).toEqual(['trip a', 11, 'a'])
    expect(await keys()).toEqual(['ID', 'a', 'b', 'c', 'd'])
  })

  it('moves columns, another worker goes on: the one that wrote gives the record its own row again', async () => {
    await fourRows()
    stage.records.put(stage.target, 'a', { name: 'trip a, new', seats: 11 })
    beforeNextWrite(stage, async () => {
      await moveKeyRight()
      failWrites(3)
    })
    expect((await stage.write(['a'])).get('a')).toMatchObject({ status: 'deferred' })
    await anotherWrites('a')
    const keys = async () => (await stage.person.see()).map((row) => row[2] ?? '')
    expect(await keys()).toEqual(['ID', 11, 'b', 'c', 'd', 'a'])
    await until('the first has looked', async () => !(await keys()).includes(11))
    expect(await keys()).toEqual(['ID', 'a', 'b', 'c', 'd'])
  })

  it('moves columns, another worker goes on: of the row that it made nothing of ours stays', async () => {
    const record = { name: 'a 1', seats: 1, code: 'c', rating: 4 }
    await fourRows({ columns: FOUR_COLUMNS })
    stage.records.put(stage.target, 'a', record)
    await stage.write(['a'])
    stage.records.put(stage.target, 'a', { ...record, name: 'a 2', seats: 5 })
    beforeNextWrite(stage, async () => {
      await stage.person.move('COLUMNS', 0, 2)
      failWrites(3)
    })
    expect((await stage.write(['a'])).get('a')).toMatchObject({ status: 'deferred' })
    await anotherWrites('a')
    const rows = async () => (await stage.person.see()).map((row) => JSON.stringify(row))
    expect(await rows()).toContain('["a 1","a 2",5,"c",4]')
    await until('the first has looked', async () => !(await rows()).includes('["a 1","a 2",5,"c",4]'))
    await until('the other row is taken out', async () => (await rows()).length === 5)
    expect((await stage.person.see())[1]).toEqual(['a 2', 'a', 5, 'c', 4])
  })

  it('sorts, and a row with a key of their own is hit: it stays, and costs nobody else anything', async () => {
    await fourRows()
    await stage.person.type("'Trips'!A6:C6", [['Total', null, 99]])
    put('a', 11)
    beforeNextWrite(stage, () => stage.person.sort(2, 'DESCENDING'))
    expect(Object.fromEntries(await stage.write(['a']))).toEqual({ a: written })
    expect(await stage.person.see()).toEqual([
      HEADER,
      ['Total', '', 11],
      ['d', 'trip d', 4],
      ['c', 'trip c', 3],
      ['b', 'trip b', 2],
      ['a', 'trip a', 11],
    ])
  })

  it('hits a row whose key is no id: the records of the batch are written', async () => {
    stage = await setStage()
    const target = seatTarget()
    for (const id of ['1', '2']) stage.records.put(target, id, { name: `seat ${id}` })
    await stage.write(['1', '2'], target)
    await stage.person.type("'Seats'!A4:B4", [['Total', 'zzz']])
    stage.records.put(target, '1', { name: 'mmm' })
    beforeNextWrite(stage, () => stage.person.sort(1, 'DESCENDING', 'Seats'))
    expect(Object.fromEntries(await stage.write(['1'], target))).toEqual({ 1: written })
    expect(await stage.person.see('Seats')).toEqual([
      ['ID', 'Name'],
      ['Total', 'mmm'],
      [2, 'seat 2'],
      [1, 'mmm'],
    ])
  })

  it('deletes the tab: it is made again', async () => {
    await fourRows()
    put('a', 11)
    beforeNextWrite(stage, async () => {
      await stage.person.do({ deleteSheet: { sheetId: await stage.person.sheetId() } })
    })
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    expect(await stage.person.see()).toEqual([HEADER, ['a', 'trip a', 11]])
  })

  it('makes a tab of the same title: that one is used', async () => {
    stage = await setStage()
    put('a', 1)
    beforeNextWrite(stage, async () => {
      await stage.person.do({ addSheet: { properties: { title: 'Trips' } } })
    })
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    expect(await stage.person.see()).toEqual([HEADER, ['a', 'trip a', 1]])
  })
})

describe('between two reads of a batch a person', () => {
  it('moves rows: everything is read again', async () => {
    // More cells than are read at once, so that the rows are read after the keys.
    const columns = [
      { header: 'Name', field: 'name' },
      { header: 'Seats', field: 'seats' },
      ...Array.from({ length: 20 }, (_, index) => ({ header: `C${index}`, value: () => null })),
    ]
    stage = await setStage({ columns })
    const ids = Array.from({ length: 2_500 }, (_, index) => `r${index}`)
    for (const id of ids) put(id, 1)
    await stage.write(ids)
    const fresh = stage.newWriter()
    let reads = 0
    const undo = stage.emulator.control.before(async ({ method }) => {
      if (method !== 'spreadsheets.getByDataFilter' || ++reads !== 2) return
      undo()
      await stage.person.sort(0, 'DESCENDING')
    })
    put('r7', 77)
    expect((await stage.write(['r7'], stage.target, fresh)).get('r7')).toEqual(written)
    const rows = await stage.person.see()
    expect(rows.filter(([id, , seats]) => id === 'r7' || seats === 77)).toEqual([['r7', 'trip r7', 77]])
    expect(
      rows
        .filter(([id]) => id !== 'ID' && id !== 'r7')
        .every(([id, name, seats]) => name === `trip ${id}` && seats === 1),
    ).toBe(true)
  })
})
