import type { FaultOrder } from '../../demo/stock-service/faults.ts'
import { against, type Measurement, quantile, told } from '../measurement.ts'
import { until } from '../peers/measure/contest.ts'
import { steadyLoad } from '../steady-load.ts'
import type { BenchDatabase } from './database.ts'
import { iataOf, openTown, type Town } from './town.ts'

/** Milliseconds from the commits, by target. */
type Delays = ReadonlyMap<string, readonly number[]>

const RECORDS = 400
const WARM_UP = 5
/** Single writes, one after the other's change has arrived everywhere. */
const IDLE_WRITES = 60
/** Rounds with all places well, and as many with one in each kind of trouble, by turns. */
const ROUNDS = 4
/** Less than the outside system takes when it is well: two calls of 50 ms a record, four at a time. */
const PER_SECOND = 20
const GIVE_UP_MS = 60_000
/** How much later than with all places well changes may arrive in the others while one is in trouble. */
const LATER_AT_MOST = 1.1
const TROUBLES = {
  away: { faults: ['away'], share: 1 },
  slow: { faults: ['slow'], ms: 1_000, share: 1 },
  poisoned: { faults: ['refused'], method: 'PUT', share: 1 },
} as const satisfies Record<string, FaultOrder>

/** From the commit of a change until each kind of place has it: of single changes, and while one place is away, slow or refuses every record. */
export async function* followFigures(database: BenchDatabase): AsyncGenerator<Measurement> {
  const town = await openTown(database, { name: 'bench_follow', records: RECORDS })
  try {
    const idle = new Map(town.targets.map((target) => [target, [] as number[]]))
    for (let at = 0; at < WARM_UP + IDLE_WRITES; at++) {
      const delays = await single(town, at)
      if (at < WARM_UP) continue
      for (const [target, delay] of delays) idle.get(target)?.push(delay)
    }
    for (const [target, delays] of idle) {
      yield told(`targets.${target}.commit_to_target.p50`, quantile(delays, 0.5), 'ms')
      yield told(`targets.${target}.commit_to_target.p99`, quantile(delays, 0.99), 'ms')
    }
    yield* oneInTrouble(town)
  } finally {
    await town.close()
  }
}

/** Rounds with the outside system well, and in each trouble, by turns, so that what the machine does falls on all. */
async function* oneInTrouble(town: Town): AsyncGenerator<Measurement> {
  const others = town.targets.filter((target) => target !== 'api')
  // The first load finds a worker that has not seen one.
  await load(town, others)
  const well: Delays[] = []
  const troubled = Object.entries(TROUBLES).map(([name, order]) => ({ name, order, rounds: [] as Delays[] }))
  for (let round = 0; round < ROUNDS; round++) {
    well.push(await load(town, others))
    for (const { order, rounds } of troubled) {
      await town.settled()
      await town.stockFaults(order)
      rounds.push(await load(town, others))
      await town.stockFaults()
    }
    await town.settled()
  }
  for (const target of others) {
    const of = (rounds: readonly Delays[], share: number) =>
      quantile(
        rounds.flatMap((round) => round.get(target) ?? []),
        share,
      )
    for (const { name, rounds } of troubled) {
      const metric = `targets.${target}.one_${name}`
      yield against(`${metric}.p50`, of(rounds, 0.5), 'ms', of(well, 0.5))
      yield against(`${metric}.p99`, of(rounds, 0.99), 'ms', of(well, 0.99), { atMost: LATER_AT_MOST })
    }
  }
}

/** One change; returns once it has arrived everywhere. @returns milliseconds from its commit, by target */
async function single(town: Town, at: number): Promise<Map<string, number>> {
  const iata = iataOf(at % RECORDS)
  await town.app.airport.update({ where: { iata }, data: { name: `single ${at}` } })
  const committed = Date.now()
  let written = new Map<string, number>()
  await until(
    `the change of ${iata} has arrived`,
    async () => {
      written = new Map(
        [...(await writtenAt(town, [iata]))].map(([target, records]) => [
          target,
          (records.get(iata) ?? 0) - committed,
        ]),
      )
      return town.targets.every((target) => (written.get(target) ?? -1) >= 0)
    },
    GIVE_UP_MS,
    10,
  )
  await town.settled()
  return written
}

/** A steady load, a change of every record. @returns milliseconds from the commits, by target */
async function load(town: Town, targets: readonly string[]): Promise<Delays> {
  const began = performance.now()
  const committed = await steadyLoad(RECORDS, PER_SECOND, (at) =>
    town.app.airport.update({ where: { iata: iataOf(at) }, data: { name: `load ${began} ${at}` } }),
  )
  await town.settled(targets)
  const written = await writtenAt(
    town,
    committed.map((_, at) => iataOf(at)),
  )
  return new Map(
    targets.map((target) => [
      target,
      committed.map((moment, at) => (written.get(target)?.get(iataOf(at)) ?? Number.NaN) - moment),
    ]),
  )
}

/** When a worker noted that a place has a record as it is, in milliseconds since 1970. */
async function writtenAt(town: Town, ids: readonly string[]): Promise<Map<string, Map<string, number>>> {
  const rows = await town.query<{ target: string; id: string; at: Date }>(
    'select target, record_key as id, written_at as at from sync_record where record_key = any ($1)',
    [ids],
  )
  const byTarget = Map.groupBy(rows, ({ target }) => target)
  return new Map(
    [...byTarget].map(([target, some]) => [target, new Map(some.map(({ id, at }) => [id, at.getTime()]))]),
  )
}
