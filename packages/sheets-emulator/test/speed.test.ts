import { expect, test } from 'vitest'
import { Human } from '../index.ts'
import { SpreadsheetStore } from '../store/spreadsheets.ts'

/** The fastest of several tries: noise makes things slower, never faster. */
function fastest(tries: number, work: (i: number) => void): number {
  let best = Number.POSITIVE_INFINITY
  for (let i = 0; i < tries; i++) {
    const started = performance.now()
    work(i)
    best = Math.min(best, performance.now() - started)
  }
  return best
}

const cells = (row: number) => ({
  values: Array.from({ length: 20 }, (_, column) => ({
    userEnteredValue: { stringValue: `r${row} c${column}` },
  })),
})
const batchOf = (from: number) => Array.from({ length: 1000 }, (_, i) => cells(from + i))

test('a batch costs what it touches, not what the tab holds', () => {
  const store = new SpreadsheetStore()
  const gridProperties = { rowCount: 1000, columnCount: 20 }
  const person = new Human(store, store.create({ sheets: [{ properties: { gridProperties } }] }).id)
  const append = (i: number) =>
    person.apply([{ appendCells: { sheetId: 0, rows: batchOf(i * 1000), fields: 'userEnteredValue' } }])
  const update = (rows: number) => (i: number) =>
    person.apply(
      Array.from({ length: 1000 }, (_, n) => ({
        updateCells: {
          start: { sheetId: 0, rowIndex: (n * 97 + i) % rows },
          rows: [cells(n)],
          fields: 'userEnteredValue',
        },
      })),
    )
  const small = { append: fastest(5, append), update: fastest(5, update(5000)) }
  for (let i = 5; i < 200; i++) append(i)
  const large = { append: fastest(5, append), update: fastest(5, update(200_000)) }
  expect(person.see(undefined, 'A200000:B200000')).toEqual([['r199999 c0', 'r199999 c1']])
  // 40 times the rows; copying them would show as a factor of about that.
  expect(large.append).toBeLessThan(4 * small.append + 10)
  expect(large.update).toBeLessThan(4 * small.update + 10)
  // A thousand deletions, bottom up, as one batch.
  const deletion = fastest(3, () =>
    person.apply(
      Array.from({ length: 1000 }, (_, n) => ({
        deleteDimension: {
          range: {
            sheetId: 0,
            dimension: 'ROWS',
            startIndex: 190_000 - n * 180,
            endIndex: 190_001 - n * 180,
          },
        },
      })),
    ),
  )
  expect(deletion).toBeLessThan(500)
})
