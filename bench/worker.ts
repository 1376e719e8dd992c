import { setTimeout as sleep } from 'node:timers/promises'
import { atMost, type Measurement, told } from './measurement.ts'
import { type Arena, idOf, idsOf, openArena } from './peers/arena.ts'
import { query } from './peers/database.ts'
import { availablePeers } from './peers/index.ts'
import { isOurs, until, withOneOfOurs } from './peers/measure/contest.ts'
import type { App, Peer, Place } from './peers/peer.ts'
import { type Child, startWorkerChild, usageOf } from './peers/processes.ts'
import { readSettings } from './peers/settings.ts'

const MEGABYTE = 1_000_000
const GIVE_UP_MS = 120_000

/** After the last job, until memory and connections count as idle; and how long the processor's time is measured. */
const REST_MS = 15_000
const WATCHED_MS = 10_000

/** Jobs for the peak: enough for full batches. */
const JOBS = 1000

interface Entrant {
  readonly peer: Peer
  readonly place: Place
  readonly app: App
  readonly worker: Child
}

/**
 * What a worker process costs: time from its start until it is ready and until its first call to the API (one job is
 * waiting), then memory, connections and processor time when it has nothing to do, then the most memory it needs for
 * 1,000 changes. The workers start one after the other and rest together. Memory is what the kernel counts as resident,
 * the parts that processes share included; without /proc (macOS, Windows) it is left out.
 */
export async function* run(): AsyncGenerator<Measurement> {
  const { peers } = readSettings()
  const arena = await openArena()
  const entrants: Entrant[] = []
  try {
    for (const peer of withOneOfOurs(await availablePeers(peers))) {
      const { entrant, figures } = await start(arena, peer)
      entrants.push(entrant)
      yield* figures
    }
    yield* await rest(entrants)
    for (const entrant of entrants) yield* await peak(entrant)
  } finally {
    for (const { worker } of entrants) await worker.stop()
    await arena.close()
  }
}

async function start(arena: Arena, peer: Peer): Promise<{ entrant: Entrant; figures: Measurement[] }> {
  const place = await arena.open(peer, 'worker', { records: JOBS + 1 })
  const app = await peer.openApp(place)
  await app.fill([idOf(JOBS)])
  let firstCallAt = 0
  const stop = arena.control.before(() => {
    firstCallAt ||= Date.now()
  })
  const worker = startWorkerChild(peer, place, 'sheet')
  await worker.ready
  const readyMs = Date.now() - worker.startedAt
  await settled(peer, place)
  stop()
  const name = `worker.${peer.name}`
  return {
    entrant: { peer, place, app, worker },
    figures: [
      goal(peer, `${name}.start`, readyMs, 'ms', 1500),
      told(`${name}.start_to_first_call`, firstCallAt - worker.startedAt, 'ms'),
    ],
  }
}

/** Also closes the applications. */
async function rest(entrants: readonly Entrant[]): Promise<Measurement[]> {
  await sleep(REST_MS)
  const before = entrants.map(({ worker }) => usageOf(worker.pid))
  const began = performance.now()
  await sleep(WATCHED_MS)
  const after = entrants.map(({ worker }) => usageOf(worker.pid))
  const watchedMs = performance.now() - began
  const figures: Measurement[] = []
  for (const [at, { peer, place, app }] of entrants.entries()) {
    const name = `worker.${peer.name}`
    const [then, now] = [before[at], after[at]]
    if (then && now) {
      figures.push(goal(peer, `${name}.idle_memory`, now.rss / MEGABYTE, 'MB', 180))
      figures.push(told(`${name}.idle_cpu`, ((now.cpuMs - then.cpuMs) * 100) / watchedMs, '% of a core'))
    }
    // What is left, once the application's own are gone, is the worker's.
    await app.close()
    figures.push(goal(peer, `${name}.connections`, await connections(place), 'connections', 5))
  }
  return figures
}

async function peak({ peer, place, worker }: Entrant): Promise<Measurement[]> {
  const app = await peer.openApp(place)
  await app.fill(idsOf(JOBS))
  await settled(peer, place)
  await app.close()
  const usage = usageOf(worker.pid)
  return usage ? [told(`worker.${peer.name}.peak_memory`, usage.peakRss / MEGABYTE, 'MB')] : []
}

async function connections({ databaseUrl }: Place): Promise<number> {
  const [row] = await query<{ count: string }>(
    databaseUrl,
    `select count(*) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'`,
  )
  return Number(row?.count)
}

function settled(peer: Peer, place: Place): Promise<void> {
  return until(`${place.name} is settled`, async () => (await peer.unsettled(place)) === 0, GIVE_UP_MS)
}

function goal(peer: Peer, metric: string, value: number, unit: string, limit: number): Measurement {
  return isOurs(peer) ? atMost(metric, value, unit, limit) : told(metric, value, unit)
}
