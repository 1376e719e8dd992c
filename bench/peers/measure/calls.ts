import { setTimeout as sleep } from 'node:timers/promises'
import { atLeast, atMost, type Measurement, told } from '../../measurement.ts'
import { type Arena, idOf, idsOf } from '../arena.ts'
import type { Peer, Place } from '../peer.ts'
import { startWorkerChild } from '../processes.ts'
import { type Contest, isOurs, until, withOneOfOurs } from './contest.ts'

const GIVE_UP_MS = 300_000
const CHANGES = 1000

/** A burst: so many changes of so few records, at such a pace, with an API that takes 50 ms. */
const BURST = { changes: 250, records: 10, perSecond: 50, latencyMs: 50 } as const

const QUOTA_PER_MINUTE = 60
const MINUTE_MS = 60_000
/** Enough for a minute of 60 calls. */
const BACKLOG = { ours: 80_000, peers: 200 } as const

/** Counts calls of the API by spreadsheet, refused ones left out. */
class CallCounter {
  readonly #counts = new Map<string, number>()
  readonly #first = new Map<string, () => void>()
  readonly stop: () => void

  constructor(arena: Arena) {
    this.stop = arena.control.before(({ spreadsheetId = '' }) => {
      this.#counts.set(spreadsheetId, this.of(spreadsheetId) + 1)
      this.#first.get(spreadsheetId)?.()
      this.#first.delete(spreadsheetId)
    })
  }

  of(spreadsheetId: string): number {
    return this.#counts.get(spreadsheetId) ?? 0
  }

  /** Calls `then` at the next call for a spreadsheet. */
  onNext(spreadsheetId: string, then: () => void): void {
    this.#first.set(spreadsheetId, then)
  }
}

/**
 * API calls for 1,000 changed records that are committed together, and how fast they are in the sheet, with an API that
 * answers at once. The worker is warm: it has written one record before.
 */
export async function* calls({ arena, peers }: Contest): AsyncGenerator<Measurement> {
  const counter = new CallCounter(arena)
  for (const peer of withOneOfOurs(peers)) {
    const place = await arena.open(peer, 'calls', { records: CHANGES + 1 })
    const app = await peer.openApp(place)
    const worker = startWorkerChild(peer, place, 'sheet')
    await app.fill([idOf(CHANGES)])
    await settled(peer, place)
    const before = counter.of(place.spreadsheetId)
    const started = performance.now()
    await app.fill(idsOf(CHANGES))
    await settled(peer, place)
    const seconds = (performance.now() - started) / 1000
    const count = counter.of(place.spreadsheetId) - before
    await worker.stop()
    await app.close()
    assertComplete(arena, place, CHANGES + 1)
    const metric = `api_calls.${peer.name}.per_1000_changed_records`
    yield isOurs(peer) ? atMost(metric, count, 'calls', 3) : told(metric, count, 'calls')
    yield told(`to_sheet.${peer.name}.${CHANGES}`, CHANGES / seconds, 'records/s')
  }
  counter.stop()
}

/**
 * API calls for a burst of changes of the same few records: what a job per record saves beside a job per change. All
 * peers at once, each in a database and a spreadsheet of its own; hardly anything of it is work for the processor.
 */
export async function* burst({ arena, peers }: Contest): AsyncGenerator<Measurement> {
  const counter = new CallCounter(arena)
  arena.control.latency(BURST.latencyMs)
  const measured = withOneOfOurs(peers).map(async (peer) => {
    const place = await arena.open(peer, 'burst', { records: BURST.records })
    const app = await peer.openApp(place)
    const worker = startWorkerChild(peer, place, 'sheet')
    await app.fill(idsOf(BURST.records))
    await settled(peer, place)
    const before = counter.of(place.spreadsheetId)
    const began = performance.now()
    for (let at = 0; at < BURST.changes; at++) {
      const due = began + (at * 1000) / BURST.perSecond
      if (due > performance.now()) await sleep(due - performance.now())
      const where = { iata: idOf(at % BURST.records) }
      await app.write(where.iata, (writer) => writer.airport.update({ where, data: { name: `burst ${at}` } }))
    }
    await settled(peer, place)
    const count = counter.of(place.spreadsheetId) - before
    await worker.stop()
    await app.close()
    return told(`api_calls.${peer.name}.burst_per_1000_changes`, (count * 1000) / BURST.changes, 'calls')
  })
  yield* await Promise.all(measured)
  arena.control.noLatency()
  counter.stop()
}

/**
 * Records in the sheet after one real minute under Google's quota: 60 reads and 60 writes a minute, each peer a user of
 * its own. The minute begins with a peer's first call. All at once: they are waiting for their quota.
 */
export async function* quota({ arena, peers }: Contest): AsyncGenerator<Measurement> {
  const counter = new CallCounter(arena)
  const entrants = []
  for (const peer of withOneOfOurs(peers)) {
    const records = isOurs(peer) ? BACKLOG.ours : BACKLOG.peers
    const place = await arena.open(peer, 'quota', { records, quotaPerMinute: QUOTA_PER_MINUTE })
    const app = await peer.openApp(place)
    await app.fill(idsOf(records))
    await app.close()
    entrants.push({ peer, place })
  }
  arena.control.quota.set({ perUser: QUOTA_PER_MINUTE, perProject: QUOTA_PER_MINUTE * entrants.length })
  const measured = entrants.map(async ({ peer, place }) => {
    const minute = Promise.withResolvers<number>()
    counter.onNext(place.spreadsheetId, () => {
      setTimeout(() => minute.resolve(arena.rows(place).length), MINUTE_MS)
    })
    const worker = startWorkerChild(peer, place, 'sheet')
    const records = await minute.promise
    worker.kill('SIGKILL')
    await worker.ended
    const metric = `quota_60.${peer.name}.first_minute`
    return isOurs(peer) ? atLeast(metric, records, 'records', 20_000) : told(metric, records, 'records')
  })
  yield* await Promise.all(measured)
  arena.control.quota.set(undefined)
  counter.stop()
}

function settled(peer: Peer, place: Place): Promise<void> {
  return until(`${place.name} is settled`, async () => (await peer.unsettled(place)) === 0, GIVE_UP_MS)
}

/** A fast run that wrote nothing is none. */
function assertComplete(arena: Arena, place: Place, records: number): void {
  const rows = arena.rows(place).length
  if (rows !== records) throw new Error(`${place.name}: ${rows} rows in the sheet, ${records} expected`)
}
