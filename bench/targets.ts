import type { Measurement } from './measurement.ts'
import { startDatabase } from './targets/database.ts'
import { searchFigures } from './targets/search.ts'

/** The kinds of targets, each with its figures. */
const KINDS = [searchFigures]

/** How fast each kind of target is written, and in how many calls. */
export async function* run(): AsyncGenerator<Measurement> {
  const database = await startDatabase()
  try {
    for (const figures of KINDS) yield* figures(database)
  } finally {
    await database.stop()
  }
}
