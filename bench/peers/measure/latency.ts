import { setTimeout as sleep } from 'node:timers/promises'
import { atMost, type Measurement, quantile, told } from '../../measurement.ts'
import { type Arena, idOf } from '../arena.ts'
import type { App, Peer, Place } from '../peer.ts'
import { startWorkerChild } from '../processes.ts'
import { type Contest, isOurs } from './contest.ts'

const LATENCY_MS = 50
const RECORDS = 5
const GIVE_UP_MS = 30_000

/** A round begins at a random moment of a second: no write is in step with somebody's polling. */
const PAUSE_MS = 1000

interface Entrant {
  readonly peer: Peer
  readonly place: Place
  readonly app: App
  readonly delays: number[]
}

/**
 * From the commit of a write until the cell in the sheet has changed, on an idle system whose API takes 50 ms a call.
 * Every peer has its own worker process; they take turns, one write at a time, and the next write begins when the row
 * has arrived. Every record has its row already.
 */
export async function* latency({ arena, peers, settings }: Contest): AsyncGenerator<Measurement> {
  const entrants: Entrant[] = []
  const closers: (() => Promise<unknown>)[] = []
  arena.control.latency(LATENCY_MS)
  try {
    for (const peer of peers) {
      const place = await arena.open(peer, 'latency', { records: RECORDS })
      const app = await peer.openApp(place)
      const worker = startWorkerChild(peer, place, 'sheet')
      closers.push(
        () => app.close(),
        () => worker.stop(),
      )
      await worker.ready
      entrants.push({ peer, place, app, delays: [] })
    }
    for (let at = 0; at < RECORDS + settings.latencyWrites; at++) {
      await sleep(Math.random() * PAUSE_MS)
      for (const { place, app, delays } of entrants) {
        const delay = await timeToSheet(arena, place, app, idOf(at % RECORDS), `write ${at}`)
        if (at >= RECORDS) delays.push(delay)
      }
    }
  } finally {
    arena.control.noLatency()
    for (const close of closers) await close()
  }
  for (const { peer, delays } of entrants) {
    const p50 = quantile(delays, 0.5)
    const p99 = quantile(delays, 0.99)
    const name = `commit_to_sheet.${peer.name}`
    yield isOurs(peer) ? atMost(`${name}.p50`, p50, 'ms', 200) : told(`${name}.p50`, p50, 'ms')
    yield isOurs(peer) ? atMost(`${name}.p99`, p99, 'ms', 600) : told(`${name}.p99`, p99, 'ms')
  }
}

async function timeToSheet(
  arena: Arena,
  place: Place,
  app: App,
  iata: string,
  name: string,
): Promise<number> {
  const spreadsheet = arena.control.spreadsheets.find(place.spreadsheetId)
  const arrived = Promise.withResolvers<number>()
  const isThere = () => arena.rows(place).some((row) => row[0] === iata && row[1] === name)
  const stop = spreadsheet.watch(() => {
    const now = performance.now()
    if (isThere()) arrived.resolve(now)
  })
  const timer = setTimeout(
    () => arrived.reject(new Error(`${place.name}: ${iata} was not in the sheet after ${GIVE_UP_MS} ms`)),
    GIVE_UP_MS,
  )
  try {
    await app.write(iata, (writer) => writer.airport.update({ where: { iata }, data: { name } }))
    const committed = performance.now()
    // A row may be there before the application has heard of its commit.
    return Math.max(0, (await arrived.promise) - committed)
  } finally {
    clearTimeout(timer)
    stop()
  }
}
