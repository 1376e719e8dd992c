import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { afterEach, describe, expect, it } from 'vitest'
import type { SheetTarget } from '../../../src/targets/sheet/config/target.ts'
import type { Limits } from '../../../src/targets/sheet/google/limits.ts'
import { until } from '../../support/wait.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
let undo: () => void
/** The areas of each read, in the library's order. */
let reads: sheets_v4.Schema$GridRange[][]
afterEach(async () => {
  undo()
  await stage.close()
})

const HEADER = ['ID', 'Name', 'Seats']
const written = { status: 'done', change: 'written' }
const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const LAST = IDS.length

const put = (id: string, seats: number) => stage.records.put(stage.target, id, { name: `trip ${id}`, seats })
const row = (id: string, seats: number) => [id, `trip ${id}`, seats]

/** A tab of eight rows that counts as long, and whose key column was read a moment ago. */
async function longTab(limits: Partial<Limits> = {}, options: Partial<SheetTarget> = {}): Promise<void> {
  stage = await setStage(options, { limits: { wholeTabCells: 0, ...limits } })
  undo = stage.emulator.control.before(({ method }, body) => {
    if (method !== 'spreadsheets.getByDataFilter') return
    const { dataFilters } = JSON.parse(body) as sheets_v4.Schema$GetSpreadsheetByDataFilterRequest
    reads.push((dataFilters ?? []).map(({ gridRange }) => gridRange ?? {}))
  })
  reads = []
  IDS.forEach((id, at) => {
    put(id, at)
  })
  await stage.write(IDS)
  await change('a', 0)
  reads = []
}

async function change(id: string, seats: number): Promise<unknown> {
  put(id, seats)
  return (await stage.write([id])).get(id)
}

/** Whether a read has a whole column, or the whole tab, in it. */
function isWhole(areas: readonly sheets_v4.Schema$GridRange[]): boolean {
  return areas.some(({ startRowIndex = 0, endRowIndex }) => startRowIndex === 0 && endRowIndex === undefined)
}

/** Copies or cuts a row and pastes it over another. */
async function paste(kind: 'copyPaste' | 'cutPaste', from: number, to: number): Promise<void> {
  const sheetId = await stage.person.sheetId()
  const source = { sheetId, startRowIndex: from, endRowIndex: from + 1 }
  if (kind === 'copyPaste') {
    const destination = { sheetId, startRowIndex: to, endRowIndex: to + 1 }
    await stage.person.do({ copyPaste: { source, destination, pasteType: 'PASTE_NORMAL' } })
  } else {
    const destination = { sheetId, rowIndex: to, columnIndex: 0 }
    await stage.person.do({ cutPaste: { source, destination, pasteType: 'PASTE_NORMAL' } })
  }
}

describe('a long tab', () => {
  it('is read without its key column: header, row and last row', async () => {
    await longTab()
    expect(await change('c', 22)).toEqual(written)
    expect(reads).toHaveLength(1)
    const sheetId = await stage.person.sheetId()
    expect(reads[0]).toEqual([
      { sheetId, endRowIndex: 1 },
      { sheetId, startRowIndex: 3, endRowIndex: 4, endColumnIndex: 3 },
      { sheetId, startRowIndex: LAST, endColumnIndex: 1 },
    ])
    expect((await stage.person.see())[3]).toEqual(row('c', 22))
  })

  it('gets new rows without its key column being read, batch after batch', async () => {
    await longTab()
    for (const id of ['i', 'j', 'k']) expect(await change(id, 9)).toEqual(written)
    expect(reads.map(isWhole)).toEqual([false, false, false])
    expect((await stage.person.see()).slice(LAST + 1)).toEqual(['i', 'j', 'k'].map((id) => row(id, 9)))
    // They are found where they are.
    expect(await change('j', 10)).toEqual(written)
    expect(reads.map(isWhole)).toEqual([false, false, false, false])
    expect((await stage.person.see())[LAST + 2]).toEqual(row('j', 10))
  })

  it('is read whole for a record that is deleted: the rows beside it are checked', async () => {
    await longTab()
    stage.records.remove(stage.target, 'c')
    expect((await stage.write(['c'])).get('c')).toEqual({ status: 'done', change: 'removed' })
    expect(reads.map(isWhole)).toEqual([false, true])
    expect(await stage.person.see()).toHaveLength(LAST)
    // What stood below has moved up, and is known to.
    expect(await change('e', 44)).toEqual(written)
    expect(reads.map(isWhole)).toEqual([false, true, false])
  })

  it('is read whole after a while', async () => {
    await longTab({ narrowFor: 0 })
    await change('c', 22)
    expect(reads.map(isWhole)).toEqual([true])
  })

  it('is read whole by a worker that has not read it', async () => {
    await longTab()
    const other = stage.newWriter()
    put('c', 22)
    await stage.write(['c'], stage.target, other)
    await change('c', 23)
    expect(reads.map(isWhole)).toEqual([true, true])
  })

  it('is read whole after a call of which nobody knows what became', async () => {
    await longTab()
    stage.emulator.control.faults.add({ kind: 'reset-after', match: { method: 'spreadsheets.batchUpdate' } })
    expect(await change('i', 1)).toEqual({ status: 'done', change: 'unchanged' })
    // The row's key stands in its column: it need not be looked for.
    expect(reads.map(isWhole)).toEqual([false, true])
    const ids = (await stage.person.see()).map(([id]) => id)
    expect(ids).toEqual(['ID', ...IDS, 'i'])
  })

  it.each<[string, () => Promise<void>]>([
    ['sorts', () => stage.person.sort(0, 'DESCENDING')],
    ['inserts a row above', () => stage.person.insert('ROWS', 1)],
    ['inserts a row below', () => stage.person.insert('ROWS', 6)],
    ['deletes a row above', () => stage.person.delete('ROWS', 1)],
    ['deletes a row below', () => stage.person.delete('ROWS', 6)],
    ['deletes the last row', () => stage.person.delete('ROWS', LAST)],
    ['inserts rows above the header', () => stage.person.insert('ROWS', 0)],
    ['moves the row to the end', () => paste('cutPaste', 3, LAST + 1)],
    ['moves the row over another', () => paste('cutPaste', 3, 5)],
    ['pastes another row over it', () => paste('copyPaste', 5, 3)],
    ['copies it to the end', () => paste('copyPaste', 3, LAST + 1)],
    ['copies it far below', () => paste('copyPaste', 3, LAST + 30)],
    ['empties its key', () => stage.person.type("'Trips'!A4", [['']])],
    ['types another key', () => stage.person.type("'Trips'!A4", [['x']])],
    ['empties the last key', () => stage.person.type(`'Trips'!A${LAST + 1}`, [['']])],
  ])('is read whole when somebody %s', async (_what, act) => {
    await longTab()
    await act()
    expect(await change('c', 22)).toEqual(written)
    expect(reads.some(isWhole)).toBe(true)
    const rows = await stage.person.see()
    expect(rows.filter(([id]) => id === 'c')).toEqual([row('c', 22)])
    // A new record is added once, wherever things are now.
    expect(await change('new', 1)).toEqual(written)
    expect((await stage.person.see()).filter(([id]) => id === 'new')).toEqual([row('new', 1)])
  })

  it('is read whole for a record that is known and has no row', async () => {
    await longTab()
    await stage.person.delete('ROWS', 3)
    await change('a', 1)
    reads = []
    expect(await change('c', 22)).toEqual(written)
    expect(reads.map(isWhole)).toEqual([false, true])
    expect((await stage.person.see()).at(-1)).toEqual(row('c', 22))
  })

  it('is read whole for a record whose row was seen to be copied when another was written', async () => {
    await longTab()
    await paste('copyPaste', 3, LAST + 1)
    await change('a', 1)
    reads = []
    expect(await change('c', 22)).toEqual(written)
    // Then both rows, in every column.
    expect(reads.map(isWhole)).toEqual([true, false])
    expect((await stage.person.see()).filter(([id]) => id === 'c')).toEqual([row('c', 22)])
  })

  it('is read whole when a column is moved', async () => {
    await longTab()
    await stage.person.move('COLUMNS', 0, 3)
    expect(await change('c', 22)).toEqual(written)
    expect((await stage.person.see())[3]).toEqual(['trip c', 22, 'c'])
  })

  it('loses a copy that somebody pasted over another row, once nothing else is written', async () => {
    await longTab({ narrowFor: 1_500 })
    await paste('copyPaste', 3, 5)
    expect(await change('c', 22)).toEqual(written)
    expect(reads.map(isWhole)).toEqual([false])
    expect((await stage.person.see()).filter(([id]) => id === 'c')).toEqual([row('c', 22), row('c', 2)])
    await until(
      'the copy has no key',
      async () => (await stage.person.see()).filter(([id]) => id === 'c').length === 1,
    )
    expect((await stage.person.see()).filter(([id]) => id === 'c')).toEqual([row('c', 22)])
    // It is looked at once.
    const { length } = reads
    expect(await change('e', 44)).toEqual(written)
    expect((await stage.person.see()).filter(([id]) => id === 'e')).toEqual([row('e', 44)])
    expect(reads.length).toBeLessThanOrEqual(length + 2)
  })

  it('loses such a copy with the next batch after a while', async () => {
    await longTab({ narrowFor: 60_000 })
    await paste('copyPaste', 3, 5)
    await change('c', 22)
    // A sort makes the next batch look at everything.
    await stage.person.sort(2, 'DESCENDING')
    expect(await change('a', 1)).toEqual(written)
    const rows = await stage.person.see()
    expect(rows[0]).toEqual(HEADER)
    expect(rows.filter(([id]) => id === 'c')).toEqual([row('c', 22)])
  })
})
