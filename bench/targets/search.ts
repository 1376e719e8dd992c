import { forClient, search } from '../../src/index.ts'
import { atLeast, atMost, type Measurement, quantile, told } from '../measurement.ts'
import { openPool } from '../peers/database.ts'
import type { BenchDatabase } from './database.ts'
import { dataModel, idOf, openRig } from './rig.ts'

const RECORDS = 100_000
const SEARCHES = 200

const { searchTarget } = forClient<Record<string, never>>(dataModel)

/** A search table in a database of its own on the same server. */
export async function* searchFigures(database: BenchDatabase): AsyncGenerator<Measurement> {
  const pool = openPool(await database.create('bench_search_place'), { max: 4 })
  const target = searchTarget({
    ...{
      name: 'bookings',
      model: 'Booking' as never,
      engine: 'postgres',
      client: pool,
      index: 'bookings_search',
    },
    settings: { language: 'english', weights: { name: 'A', code: 'A', comment: 'B' } },
  } as never)
  const rig = await openRig(await database.create('bench_search'), target)
  const ids = Array.from({ length: RECORDS }, (_, at) => idOf(at))
  const timed = async () => {
    rig.calls.write = 0
    const began = performance.now()
    await rig.write(ids)
    return { rate: (RECORDS * 1000) / (performance.now() - began), calls: rig.calls.write }
  }
  try {
    const first = await timed()
    yield atLeast('targets.search_postgres.write', first.rate, 'records/s', 5_000)
    yield atMost('targets.search_postgres.write_calls', first.calls, 'calls', 101)
    const same = await timed()
    yield atMost('targets.search_postgres.second_run_calls', same.calls, 'calls', 0)
    yield told('targets.search_postgres.second_run', same.rate, 'records/s')
    rig.version++
    const changed = await timed()
    yield atLeast('targets.search_postgres.rewrite', changed.rate, 'records/s', 5_000)
    const samples: number[] = []
    for (let at = 0; at < SEARCHES; at++) {
      const began = performance.now()
      await search(pool, {
        index: target.index,
        query: `traveller ${at * 3} wind`,
        highlight: { fields: ['name'] as never },
      })
      samples.push(performance.now() - began)
    }
    yield told('targets.search_postgres.search.p50', quantile(samples, 0.5), 'ms')
    yield told('targets.search_postgres.search.p99', quantile(samples, 0.99), 'ms')
  } finally {
    await rig.close()
    await pool.end()
  }
}
