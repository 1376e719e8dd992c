import type { Measurement } from './measurement.ts'
import { idle } from './two-way/idle.ts'
import { manyEdits } from './two-way/many-edits.ts'
import { newRows } from './two-way/new-rows.ts'
import { type Building, openBuilding } from './two-way/office.ts'
import { singleEdits } from './two-way/single-edits.ts'
import { readSizes, type Sizes } from './two-way/sizes.ts'

export { options } from './two-way/sizes.ts'

type Measure = (building: Building, sizes: Sizes) => AsyncGenerator<Measurement>

const MEASURES: Readonly<Record<string, Measure>> = {
  polling: (building, sizes) => singleEdits(building, sizes, 'polling'),
  script: (building, sizes) => singleEdits(building, sizes, 'script'),
  many: manyEdits,
  idle,
  'new-rows': newRows,
}

/** What people change in a sheet, on its way into the database: how soon, in how many calls, and whether once. */
export async function* run(given: Readonly<Record<string, unknown>>): AsyncGenerator<Measurement> {
  const sizes = readSizes(given)
  const { only } = given
  if (only !== undefined && !Object.hasOwn(MEASURES, String(only)))
    throw new Error(`--only: expected ${Object.keys(MEASURES).join(', ')}`)
  process.stderr.write(`two-way: --seed ${sizes.seed} repeats the moments of edits and kills\n`)
  const building = await openBuilding()
  try {
    for (const [name, measure] of Object.entries(MEASURES))
      if (only === undefined || only === name) yield* measure(building, sizes)
  } finally {
    await building.close()
  }
}
