import { setTimeout as sleep } from 'node:timers/promises'
import { atLeast, atMost, type Measurement, told } from '../measurement.ts'
import { randomOf } from '../peers/random.ts'
import type { BenchDatabase } from './database.ts'
import { entriesOf, type NamedPlace } from './entries.ts'
import { SEARCH_TABLE, TAB } from './places.ts'
import { iataOf, openTown, type Town } from './town.ts'

const RECORDS = 2_000
/** What is damaged in each place: entries that are changed, and entries that are taken away. */
const CHANGED = 35
const TAKEN = 15
const DAMAGED = CHANGED + TAKEN

const WRONG = 'damaged'

/** Somebody who damages a place behind the library's back. */
interface Vandal {
  readonly target: NamedPlace
  change(id: string): Promise<unknown>
  take(id: string): Promise<unknown>
}

/** 50 entries are damaged in every place that can be listed; a comparison finds them, and what it queues puts them right. */
export async function* damageFigures(database: BenchDatabase): AsyncGenerator<Measurement> {
  const town = await openTown(database, { name: 'bench_damage', records: RECORDS })
  const seed = Number(process.env.BENCH_SEED ?? Math.floor(Math.random() * 2 ** 31))
  process.stderr.write(`damage: BENCH_SEED=${seed} repeats it\n`)
  const random = randomOf(seed)
  try {
    for (const { target, change, take } of vandals(town)) {
      const ids = new Set<string>()
      while (ids.size < DAMAGED) ids.add(iataOf(random(0, RECORDS - 1)))
      for (const [at, id] of [...ids].entries()) await (at < CHANGED ? change(id) : take(id))
      const began = performance.now()
      const { jobId } = await town.operations.reconcile(target, { actor: 'bench' })
      const count = await reported(town, jobId)
      yield told(`targets.${target}.compare`, performance.now() - began, 'ms')
      yield atLeast(`targets.${target}.compare.reported`, count, 'entries', DAMAGED)
      await town.settled()
      const names = [...(await entriesOf(town, target)).values()]
      const left = names.filter((name) => name.includes(WRONG)).length + Math.abs(RECORDS - names.length)
      yield atMost(`targets.${target}.compare.left`, left, 'entries', 0)
    }
  } finally {
    await town.close()
  }
}

function vandals({ person, stock, search }: Town): Vandal[] {
  const rows = () => person.see(TAB).slice(1)
  const rowOf = (id: string) => rows().findIndex(([key]) => key === id) + 2
  return [
    {
      target: 'sheet',
      change: async (id) => person.act('type', { tab: TAB, cell: `B${rowOf(id)}`, text: WRONG }),
      take: async (id) => person.act('deleteRows', { tab: TAB, row: rowOf(id) }),
    },
    {
      target: 'search',
      change: (id) =>
        search(`update ${SEARCH_TABLE} set document = jsonb_build_object('name', $2::text) where id = $1`, [
          id,
          WRONG,
        ]),
      take: (id) => search(`delete from ${SEARCH_TABLE} where id = $1`, [id]),
    },
    {
      target: 'api',
      change: (id) => stock.put(id, { name: WRONG, stock: 1 }),
      take: (id) => stock.remove(id),
    },
  ]
}

/** Entries that differ, are missing or are too many, once the comparison has ended. */
async function reported(town: Town, jobId: string): Promise<number> {
  for (;;) {
    const { state, found, error } = await town.operations.reconcileProgress(jobId)
    if (state === 'completed')
      return found.reduce((sum, { differs, missing, surplus }) => sum + differs + missing + surplus, 0)
    if (error !== null) throw new Error(`the comparison failed: ${error}`)
    await sleep(20)
  }
}
