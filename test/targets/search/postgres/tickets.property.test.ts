import fc from 'fast-check'
import { afterAll, beforeAll, it } from 'vitest'
import { searchPlace } from '../../../../src/targets/search/engines.ts'
import type { SearchTarget } from '../../../../src/targets/search/target.ts'
import { openLibrary, RUNS, seed } from '../../documents/ends-right.ts'
import { steps } from '../../documents/interleavings.ts'

let library: Awaited<ReturnType<typeof openLibrary>>
beforeAll(async () => {
  library = await openLibrary()
})
afterAll(() => library.close())

it(`never ends stale, whatever workers do (SEED=${seed})`, async () => {
  const { sql, pool } = library
  const target: SearchTarget<'postgres'> = {
    ...{ kind: 'search', engine: 'postgres', name: 'found', model: 'Airport', lane: 'search:found' },
    ...{ client: pool, index: 'found', settings: { language: 'simple', prefix: true }, document: undefined },
  }
  const place = searchPlace(target)
  await place.setUp()
  const shown = async () => {
    const rows = await sql.query<{ id: string; document: unknown }>(
      'select id, document from found where document is not null',
    )
    return Object.fromEntries(rows.map(({ id, document }) => [id, document]))
  }
  await fc.assert(
    fc.asyncProperty(steps, async (all) => {
      await sql.query('truncate found')
      await library.endsRight(all, target, place, shown)
    }),
    { seed, numRuns: RUNS, endOnFailure: true },
  )
}, 120_000)
