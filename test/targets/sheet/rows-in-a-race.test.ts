import { afterEach, describe, expect, it } from 'vitest'
import type { SheetWriter } from '../../../src/targets/sheet/index.ts'
import { until } from '../../support/wait.ts'
import { beforeNextWrite, failWrites } from './support/between.ts'
import { expectRows, expectTab } from './support/expect-tab.ts'
import { fourRows } from './support/four-rows.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const written = { status: 'done', change: 'written' }

const put = (id: string, seats: number) => stage.records.put(stage.target, id, { name: `trip ${id}`, seats })

async function repaired(): Promise<number> {
  const [row] = await stage.sql.query<{ repaired: string }>('select repaired from sync_target')
  return Number(row?.repaired)
}

describe('between read and write a person', () => {
  it('sorts: what was written to the wrong row is repaired, there and where it belongs', async () => {
    stage = await fourRows()
    put('a', 11)
    beforeNextWrite(stage, () => stage.person.sort(2, 'DESCENDING'))
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
      d  | trip d | 4
      c  | trip c | 3
      b  | trip b | 2
      a  | trip a | 11
    `)
    await until('the repair is counted', async () => (await repaired()) === 1)
  })

  it("sorts a sheet where the sheet wins: damage of ours is nobody's edit", async () => {
    stage = await fourRows({ conflict: 'sheet-wins' })
    put('a', 11)
    beforeNextWrite(stage, () => stage.person.sort(2, 'DESCENDING'))
    await stage.write(['a'])
    expect((await stage.person.see())[1]).toEqual(['d', 'trip d', 4])
    expect(await stage.sql.query('select * from sync_conflict')).toEqual([])
  })

  it('inserts a row above: the record below is written in its new place', async () => {
    stage = await fourRows()
    put('c', 33)
    beforeNextWrite(stage, () => stage.person.insert('ROWS', 1))
    expect((await stage.write(['c'])).get('c')).toEqual(written)
    await expectTab(stage).toShow(`
      ID | Name   | Seats
         |        |
      a  | trip a | 1
      b  | trip b | 2
      c  | trip c | 33
      d  | trip d | 4
    `)
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
    await expectTab(stage).toShow(`
      ID | Name | Seats | Remarks
      b  | n    | 1     | of b
      a  | b    | 1     | of a
    `)
  })

  describe('deletes a row, another record is hit, and the API fails until the batch is given up', () => {
    const columns = [
      { header: 'Name', field: 'name' },
      { header: 'Seats', field: 'seats', conflict: 'sheet-wins' },
    ] as const

    async function hit(): Promise<void> {
      stage = await fourRows({ columns })
      put('c', 33)
      beforeNextWrite(stage, async () => {
        await stage.person.delete('ROWS', 1)
        failWrites(stage, 3)
      })
      expect((await stage.write(['c'])).get('c')).toMatchObject({ status: 'deferred' })
    }
    async function expectRight(writer: SheetWriter): Promise<void> {
      await until(
        'the lane is tried again',
        async () => (await stage.write(['a', 'c', 'd'], undefined, writer)).get('d')?.status === 'done',
      )
      const [header = [], ...rows] = await stage.person.see()
      expectRows([header, ...rows.sort()]).toShow(`
        ID | Name   | Seats
        a  | trip a | 1
        b  | trip b | 2
        c  | trip c | 33
        d  | trip d | 4
      `)
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

  it('types into a cell of ours: the next change tells', async () => {
    stage = await fourRows()
    put('a', 11)
    beforeNextWrite(stage, () => stage.person.type("'Trips'!B2", [['typed']]))
    expect((await stage.write(['a'])).get('a')).toEqual(written)
    // Only the cell that changed was written.
    expect((await stage.person.see())[1]).toEqual(['a', 'typed', 11])
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
