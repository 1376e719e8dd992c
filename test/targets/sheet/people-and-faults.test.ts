import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { Limits } from '../../../src/targets/sheet/google/limits.ts'
import type { Outcome } from '../../../src/targets/sheet/index.ts'
import { collect } from './support/collect.ts'
import { type Stage, setStage } from './support/stage.ts'

const FAULTS = ['reset-before', 'reset-after', 'broken-json', 'truncated'] as const

/** Random numbers that a seed repeats (mulberry32). */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Something a person does to the rows or columns of the tab. */
async function act({ person }: Stage, pick: (count: number) => number, kinds = 7): Promise<void> {
  const sheetId = await person.sheetId()
  const [header = [], ...others] = await person.see()
  const rows = others.length + 1
  const column = (name: string) => 'ABCDEFGH'[header.indexOf(name)] ?? 'H'
  const row = 1 + pick(Math.max(1, rows - 1))
  const rowRange = { sheetId, dimension: 'ROWS', startIndex: row, endIndex: row + 1 }
  switch (pick(kinds)) {
    case 0:
      return person.sort(pick(3), pick(2) === 0 ? 'ASCENDING' : 'DESCENDING')
    case 1:
      await person.do({ insertDimension: { range: rowRange } })
      return
    case 2:
      if (rows > 2) await person.do({ deleteDimension: { range: rowRange } })
      return
    case 3: {
      const source = { sheetId, startRowIndex: row, endRowIndex: row + 1 }
      const destination = { sheetId, startRowIndex: rows + 1, endRowIndex: rows + 2 }
      await person.do({ copyPaste: { source, destination, pasteType: 'PASTE_NORMAL' } }).catch(() => {})
      return
    }
    case 4:
      return person.type(`'Trips'!${column('Name')}${row + 1}`, [['typed']])
    case 5:
      return person.type(`'Trips'!${column('ID')}${row + 1}`, [['']])
    case 6: {
      const source = { sheetId, dimension: 'COLUMNS', startIndex: pick(3), endIndex: 0 }
      await person.do({
        moveDimension: { source: { ...source, endIndex: source.startIndex + 1 }, destinationIndex: 4 },
      })
      return
    }
    default: {
      // Over another row, whose record has none then.
      const source = { sheetId, startRowIndex: row, endRowIndex: row + 1 }
      const at = 1 + pick(Math.max(1, rows - 1))
      const destination = { sheetId, startRowIndex: at, endRowIndex: at + 1 }
      await person.do({ copyPaste: { source, destination, pasteType: 'PASTE_NORMAL' } })
    }
  }
}

async function run(seed: number, limits: Partial<Limits> = {}): Promise<void> {
  const random = randomOf(seed)
  const pick = (count: number) => Math.floor(random() * count)
  const stage = await setStage({}, { limits: { readTimeout: 2_000, writeTimeout: 2_000, ...limits } })
  const { target, records, emulator } = stage
  try {
    const dirty = new Set<string>()
    const settle = (outcomes: ReadonlyMap<string, Outcome>) => {
      for (const [id, { status }] of outcomes) if (status === 'done') dirty.delete(id)
    }
    const change = (id: string) => {
      if (random() < 0.2) records.remove(target, id)
      else records.put(target, id, { name: `trip ${id}`, seats: pick(100) })
      dirty.add(id)
    }
    for (let index = 0; index < 12; index++) change(`r${index}`)
    settle(await stage.write([...dirty]))
    for (let step = 0; step < 25; step++) {
      for (let changes = pick(6); changes >= 0; changes--) change(`r${pick(20)}`)
      if (random() < 0.3) emulator.control.faults.add({ kind: FAULTS[pick(FAULTS.length)] ?? 'reset-after' })
      const isBetween = random() < 0.5
      let acted = false
      const undo = emulator.control.before(async ({ method }) => {
        if (!isBetween || acted || method !== 'spreadsheets.batchUpdate') return
        acted = true
        await act(stage, pick)
      })
      settle(await stage.write([...dirty]))
      undo()
      // A row that is copied while it is removed would stay, as a person's own.
      if (!isBetween) await act(stage, pick, limits.narrowFor ? 8 : 7)
    }
    emulator.control.faults.remove()
    // What is looked at later is due.
    if (limits.narrowFor) await sleep(limits.narrowFor)
    // What reconcile does: each difference is written, until there is none.
    for (let round = 0; round < 10; round++) {
      const pages = await collect(stage.writer.compare(target))
      const seen = new Set(pages.flatMap(({ ids }) => ids))
      const differences = new Set([
        ...pages.flatMap(({ differs, surplus, duplicates }) => [...differs, ...surplus, ...duplicates]),
        ...records.ids(target).filter((id) => !seen.has(id)),
        ...dirty,
      ])
      if (differences.size === 0) break
      settle(await stage.write([...differences]))
    }
    const [header = [], ...rows] = await stage.person.see()
    const at = (name: string) => header.indexOf(name)
    const shown = rows.filter((row) => String(row[at('ID')] ?? '') !== '')
    const actual = shown.map((row) => [row[at('ID')], row[at('Name')], row[at('Seats')]])
    const known = (await records.read(target, records.ids(target))).records
    const expected = [...known].map(([id, record]) => {
      const { name, seats } = record as { name: string; seats: number }
      return [id, name, seats]
    })
    expect(actual.toSorted()).toEqual(expected.toSorted())
  } finally {
    await stage.close()
  }
}

describe('people and faults at random', () => {
  it.each([1, 2, 3, 4, 5, 6])('end in agreement, seed %i', (seed) => run(seed), 60_000)

  it.each([7, 8, 9, 10, 11, 12])(
    'end in agreement in a tab that is read narrowly, seed %i',
    (seed) => run(seed, { wholeTabCells: 0, narrowFor: 500 }),
    60_000,
  )
})
