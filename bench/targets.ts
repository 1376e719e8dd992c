import type { Measurement } from './measurement.ts'
import { cacheFigures } from './targets/cache.ts'
import { damageFigures } from './targets/damage.ts'
import { startDatabase } from './targets/database.ts'
import { followFigures } from './targets/follow.ts'
import { homeMadeFigures } from './targets/home-made.ts'
import { searchFigures } from './targets/search.ts'

/** What is measured, by the name that `--only` takes. */
const FIGURES = {
  search: searchFigures,
  cache: cacheFigures,
  follow: followFigures,
  damage: damageFigures,
  'home-made': homeMadeFigures,
}

export const options = { only: { type: 'string' } } as const

/** How each kind of target is written: how fast, in how many calls, how soon, and what it holds under races and faults. */
export async function* run({ only }: Readonly<Record<string, unknown>>): AsyncGenerator<Measurement> {
  const chosen = Object.entries(FIGURES).filter(([name]) => only === undefined || name === only)
  if (chosen.length === 0) throw new Error(`--only takes one of ${Object.keys(FIGURES).join(', ')}`)
  const database = await startDatabase()
  try {
    for (const [, figures] of chosen) yield* figures(database)
  } finally {
    await database.stop()
  }
}
