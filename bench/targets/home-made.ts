import { fileURLToPath } from 'node:url'
import { atLeast, atMost, type Measurement, told } from '../measurement.ts'
import { startChild } from '../peers/processes.ts'
import type { BenchDatabase } from './database.ts'
import { entriesOf, type NamedPlace } from './entries.ts'
import { openTown, type Town } from './town.ts'

const RECORDS = 100
const REQUESTS = 1_200
/** How often the application, and the worker, are killed meanwhile. */
const KILLS = 3
/** Share of the calls to the sheet and to the outside system that fail. */
const FAILING = 0.03

const APP = fileURLToPath(new URL('./request-app.ts', import.meta.url))
const PLACES: readonly NamedPlace[] = ['sheet', 'search', 'api']

/**
 * The same requests under the same faults, by Prisma alone, and the home-made way: once the change is committed, the
 * request calls every place itself. How many entries are old in the end, and stay so.
 */
export async function* homeMadeFigures(database: BenchDatabase): AsyncGenerator<Measurement> {
  for (const isHomeMade of [true, false]) {
    const way = isHomeMade ? 'home_made' : 'writeback'
    const town = await openTown(database, { name: `bench_${way}`, records: RECORDS })
    try {
      // The library's worker is not to put right what the home-made way leaves.
      if (isHomeMade) await town.stopWorker()
      yield told(`targets.faults.${way}.answered`, await answerRequests(town, isHomeMade), 'requests')
      if (!isHomeMade) await town.settled()
      let all = 0
      const records = await town.app.airport.findMany({ select: { iata: true, name: true } })
      for (const place of PLACES) {
        const entries = await entriesOf(town, place)
        const stale = records.filter(({ iata, name }) => entries.get(iata) !== name).length
        const metric = `targets.faults.${way}.${place}.stale`
        yield isHomeMade ? told(metric, stale, 'records') : atMost(metric, stale, 'records', 0)
        all += stale
      }
      // Faults that hurt nobody would show nothing.
      if (isHomeMade) yield atLeast(`targets.faults.${way}.stale`, all, 'records', 1)
    } finally {
      await town.close()
    }
  }
}

/** @returns requests that were answered */
async function answerRequests(town: Town, isHomeMade: boolean): Promise<number> {
  const fault = town.emulator.control.faults.add({
    ...{ kind: 'status', status: 503, match: { calls: 'any' }, probability: FAILING, seed: 1 },
  })
  await town.stockFaults({ faults: ['away'], share: FAILING, seed: 1 })
  let answered = 0
  for (let run = 0; run <= KILLS; run++) {
    const end = Math.round(((run + 1) * REQUESTS) / (KILLS + 1))
    const request = { isHomeMade, records: RECORDS, from: answered, to: REQUESTS, seed: 7 }
    const app = startChild(
      APP,
      [],
      {
        TOWN: JSON.stringify(town.places),
        SHEETS_API_URL: town.emulator.url,
        REQUESTS: JSON.stringify(request),
      },
      (message) => {
        if (!('answered' in message)) return
        answered++
        if (answered < end || run === KILLS) return
        app.kill('SIGKILL')
        if (!isHomeMade) town.killWorker()
      },
    )
    await app.ended
  }
  town.emulator.control.faults.remove(fault)
  await town.stockFaults()
  return answered
}
