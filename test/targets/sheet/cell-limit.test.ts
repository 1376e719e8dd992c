import { afterEach, describe, expect, it } from 'vitest'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const written = { status: 'done', change: 'written' }
const FIVE = ['name', 'code', 'seats', 'rating', 'open'].map((field) => ({ header: field, field }))

function put(count: number, from = 0): string[] {
  const ids = Array.from({ length: count }, (_, at) => `k${from + at}`)
  for (const id of ids) stage.records.put(stage.target, id, { name: id, seats: 1 })
  return ids
}

/** What became of the records, each outcome once. */
async function outcomesOf(ids: readonly string[]): Promise<unknown[]> {
  const outcomes = [...(await stage.write(ids)).values()].map((one) =>
    one.status === 'deferred' ? { ...one, retryAfterMs: 0 } : one,
  )
  return [...new Set(outcomes.map((one) => JSON.stringify(one)))].map((text) => JSON.parse(text))
}

async function size(tab = 'Trips'): Promise<{ rows: number; columns: number }> {
  const sheet = (await stage.person.tabs()).find(({ properties }) => properties?.title === tab)
  const { rowCount = 0, columnCount = 0 } = sheet?.properties?.gridProperties ?? {}
  return { rows: rowCount ?? 0, columns: columnCount ?? 0 }
}

/** Somebody's blank tab that leaves so many cells of the ten million. */
async function leaveCells(cells: number): Promise<number> {
  const used = (await stage.person.tabs()).reduce((sum, { properties }) => {
    const { rowCount = 0, columnCount = 0 } = properties?.gridProperties ?? {}
    return sum + (rowCount ?? 0) * (columnCount ?? 0)
  }, 0)
  const gridProperties = { rowCount: 10_000_000 - used - cells, columnCount: 1 }
  const [reply] = await stage.person.do({ addSheet: { properties: { title: 'Archive', gridProperties } } })
  return reply?.addSheet?.properties?.sheetId ?? 0
}

describe('a new tab', () => {
  it('is as wide as its columns, with three for people: each column takes a cell a row', async () => {
    stage = await setStage({ columns: FIVE })
    await stage.write(put(1))
    expect(await size()).toEqual({ rows: 1_000, columns: 9 })
  })

  it('grows where a column is added, and only then', async () => {
    stage = await setStage({ columns: FIVE.slice(0, 1) })
    await stage.write(put(1))
    expect(await size()).toEqual({ rows: 1_000, columns: 5 })
    const more = { ...stage.target, columns: FIVE }
    await stage.write(put(1), more, stage.newWriter())
    expect(await size()).toEqual({ rows: 1_000, columns: 6 })
    expect((await stage.person.see())[0]).toEqual(['ID', ...FIVE.map(({ header }) => header)])
  })

  it('of five columns and 200,000 rows fits into a spreadsheet twice', async () => {
    stage = await setStage({ columns: FIVE })
    const other = { ...stage.target, name: 'others', tab: 'Others' }
    await stage.write(put(1))
    stage.records.put(other, 'a', { name: 'a' })
    await stage.write(['a'], other)
    for (const tab of ['Trips', 'Others']) {
      const sheetId = await stage.person.sheetId(tab)
      await stage.person.do({ appendDimension: { sheetId, dimension: 'ROWS', length: 199_000 } })
    }
    expect([await size(), await size('Others')].map(({ rows }) => rows)).toEqual([200_000, 200_000])
    expect((await stage.write(put(1, 1))).get('k1')).toEqual(written)
  })
})

describe('a spreadsheet that is nearly full', () => {
  it('has room for the rows that are needed, though not for a thousand', async () => {
    stage = await setStage()
    await stage.write(put(990))
    await leaveCells(6 * 100)
    const ids = put(50, 990)
    expect(await outcomesOf(ids)).toEqual([written])
    expect(await size()).toEqual({ rows: 1_041, columns: 6 })
    expect(
      (await stage.person.see())
        .slice(1)
        .map(([id]) => id)
        .toSorted(),
    ).toEqual(stage.records.ids(stage.target).toSorted())
  })

  it('has room for a new tab of the rows that are needed', async () => {
    stage = await setStage()
    await leaveCells(6 * 20)
    expect((await stage.write(put(1))).get('k0')).toEqual(written)
    expect((await size()).rows).toBeLessThan(20)
  })
})

describe('a spreadsheet that is full', () => {
  it('stops the target with the limit, the figures and the remedy, and goes on when there is room', async () => {
    stage = await setStage()
    await stage.write(put(990))
    const archive = await leaveCells(6 * 10)
    const ids = put(50, 990)
    const [outcome, ...others] = await outcomesOf(ids)
    expect(others).toEqual([])
    expect(outcome).toEqual({
      status: 'deferred',
      retryAfterMs: 0,
      code: 'SHEET_REFUSED',
      reason:
        'the spreadsheet is full: tab "Trips" gets no more rows or columns: expected at most 10,000,000 cells in all tabs, blank ones included, got 9,999,940 in use ("Archive" 9,967,940 rows x 1 columns, "Sheet1" 1,000 rows x 26 columns, "Trips" 1,000 rows x 6 columns), and "Invalid requests[1].appendDimension: This action would increase the number of cells in the workbook above the limit of 10000000 cells.". Delete blank columns and rows, or tabs that nobody needs, or give a target a spreadsheet of its own; it goes on by itself',
    })
    expect(await size()).toEqual({ rows: 1_000, columns: 6 })
    // What needs no room goes on.
    stage.records.put(stage.target, 'k0', { name: 'changed' })
    expect((await stage.write(['k0'])).get('k0')).toEqual(written)
    await stage.person.do({ deleteSheet: { sheetId: archive } })
    expect(await outcomesOf(ids)).toEqual([written])
  })
})
