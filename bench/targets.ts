import type { Measurement } from './measurement.ts'
import { cacheFigures } from './targets/cache.ts'
import { startDatabase } from './targets/database.ts'
import { searchFigures } from './targets/search.ts'

/** The kinds of targets, each with its figures. */
const KINDS = [searchFigures, cacheFigures]

/** How each kind of target is written: how fast, in how many calls, and what it holds under races. */
export async function* run(): AsyncGenerator<Measurement> {
  const database = await startDatabase()
  try {
    for (const figures of KINDS) yield* figures(database)
  } finally {
    await database.stop()
  }
}
