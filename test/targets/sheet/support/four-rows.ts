import type { SheetTarget } from '../../../../src/targets/sheet/config/target.ts'
import { type Stage, setStage } from './stage.ts'

/** Columns of a target whose rows have cells that nothing is written into, unless a test puts something there. */
export const FOUR_COLUMNS = ['Name', 'Seats', 'Code', 'Rating'].map((header) => ({
  header,
  field: header.toLowerCase(),
}))

/** A tab with rows a, b, c, d, named after their ids, seats 1, 2, 3, 4. */
export async function fourRows(options: Partial<SheetTarget> = {}): Promise<Stage> {
  const stage = await setStage(options)
  for (const [index, id] of ['a', 'b', 'c', 'd'].entries()) {
    stage.records.put(stage.target, id, { name: `trip ${id}`, seats: index + 1 })
  }
  await stage.write(['a', 'b', 'c', 'd'])
  return stage
}

/** Somebody moves the column of the keys to the right of `Name` and `Seats`, which move to the left. */
export const moveKeyRight = ({ person }: Stage) => person.move('COLUMNS', 0, 3)

/** Somebody lets `Name` and `Seats` change places. */
export const swapColumns = ({ person }: Stage) => person.move('COLUMNS', 1, 3)
