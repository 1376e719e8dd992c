import { vi } from 'vitest'
import type { Shown } from './person.ts'
import type { Stage } from './stage.ts'
import { readTable, writeRows } from './text-table.ts'

/**
 * Everything that a tab shows, exactly: `await expectTab(stage).toShow(table)`. Text-table.ts says how it is written.
 *
 * @example
 * await expectTab(stage).toShow(`
 *   ID | Name   | Seats |
 *   a  | trip a | 11    |
 *      |        |       | our own note
 * `)
 */
export function expectTab({ person }: Pick<Stage, 'person'>, tab?: string) {
  return {
    toShow: vi.defineHelper(async (table: string) => assertAlike(await person.see(tab), readTable(table))),
  }
}

/** The same for rows that have been read: some of a tab's, or all of them in another order. */
export function expectRows(rows: readonly Shown[][]) {
  return { toShow: vi.defineHelper((table: string) => assertAlike(rows, readTable(table))) }
}

function assertAlike(seen: readonly Shown[][], expected: readonly Shown[][]): void {
  const common = commonRows(expected, seen)
  if (common.length === expected.length && common.length === seen.length) return
  const mark = (sign: string, rows: readonly Shown[][], others: readonly Shown[][], side: 0 | 1) => {
    const alike = new Set(common.map((pair) => pair[side]))
    return writeRows(rows, others).map((line, at) => `${alike.has(at) ? ' ' : sign} ${line}`)
  }
  throw new Error(
    [
      'the tab shows something else',
      'expected:',
      ...mark('-', expected, seen, 0),
      'seen:',
      ...mark('+', seen, expected, 1),
    ].join('\n'),
  )
}

/** The rows that both have in the same order, as many as there are: their places here and there. */
function commonRows(here: readonly Shown[][], there: readonly Shown[][]): [number, number][] {
  // lengths[a][b]: how many of the rows from a on here, and from b on there, are common.
  const lengths = Array.from({ length: here.length + 1 }, () => new Array<number>(there.length + 1).fill(0))
  const length = (a: number, b: number) => lengths[a]?.[b] ?? 0
  for (let a = here.length - 1; a >= 0; a--) {
    for (let b = there.length - 1; b >= 0; b--) {
      const line = lengths[a] as number[]
      line[b] = isAlike(here[a], there[b])
        ? 1 + length(a + 1, b + 1)
        : Math.max(length(a + 1, b), length(a, b + 1))
    }
  }
  const pairs: [number, number][] = []
  for (let a = 0, b = 0; a < here.length && b < there.length; ) {
    if (isAlike(here[a], there[b])) pairs.push([a++, b++])
    else if (length(a + 1, b) >= length(a, b + 1)) a++
    else b++
  }
  return pairs
}

function isAlike(one: readonly Shown[] = [], other: readonly Shown[] = []): boolean {
  return one.length === other.length && one.every((value, at) => Object.is(value, other[at]))
}
