import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Arena, idOf, openArena } from '../../bench/peers/arena.ts'
import { query } from '../../bench/peers/database.ts'
import { loadPeer, PEER_NAMES } from '../../bench/peers/index.ts'
import { isOurs } from '../../bench/peers/measure/contest.ts'
import { judge } from '../../bench/peers/measure/judge.ts'
import { publish } from '../../bench/peers/measure/publish.ts'
import type { App, Peer, Place } from '../../bench/peers/peer.ts'
import { type Child, startWorkerChild, usageOf } from '../../bench/peers/processes.ts'
import { readSettings } from '../../bench/peers/settings.ts'
import { until } from '../support/wait.ts'

let arena: Arena
beforeAll(async () => {
  arena = await openArena()
})
afterAll(() => arena.close())

const loaded = await Promise.all(PEER_NAMES.map(loadPeer))
const reasons = await Promise.all(loaded.map((peer) => peer.unavailable()))

describe.each(PEER_NAMES)('%s', (name) => {
  const at = PEER_NAMES.indexOf(name)
  const peer = loaded[at] as Peer
  const reason = reasons[at]

  it.skipIf(reason !== null)(
    `brings what is committed to the sheet${reason ? ` (${reason})` : ''}`,
    async () => {
      const place = await arena.open(peer, 'test', { records: 5 })
      const app = await peer.openApp(place)
      const worker = startWorkerChild(peer, place, 'sheet')
      try {
        await worker.ready
        await exercise(peer, place, app)
        expect(usageOf(worker.pid)?.rss ?? 1).toBeGreaterThan(0)
      } finally {
        await worker.stop()
        await app.close()
      }
      // Nothing is left of it in the database.
      await until('its connections are gone', async () => (await connections(place)) === 0)
    },
  )

  it.skipIf(reason !== null)('hands every waiting job to a handler once', async () => {
    const place = await arena.open(peer, 'count')
    const app = await peer.openApp(place)
    const ids = Array.from({ length: 60 }, (_, at) => idOf(at))
    await app.fill(ids)
    expect(await peer.unsettled(place)).toBe(60)
    expect(await peer.pending(place)).toEqual(new Set(ids))
    const told: number[] = []
    let worker: Child | undefined
    try {
      worker = startWorkerChild(peer, place, 'count', { every: 20, told: (done) => told.push(done) })
      await worker.ready
      await until('all are settled', async () => (await peer.unsettled(place)) === 0)
      await until('the worker has told', () => told.length === 4)
    } finally {
      await worker?.stop()
      await app.close()
    }
    expect(told).toEqual([1, 20, 40, 60])
    expect(await peer.pending(place)).toEqual(new Set())
    expect((await peer.size(place)).table).toBeGreaterThan(0)
    const tenths = await peer.tenths?.(place)
    if (tenths) expect([...tenths].sort((a, b) => a - b)).toEqual(tenths)
  })
})

describe('the publishing measurement', () => {
  it('has every figure of every variant beside the plain write', async () => {
    const peers = loaded.filter((peer) => isOurs(peer))
    const settings = { ...readSettings({}), publishRounds: 2, publishWrites: 10 }
    const figures = []
    for await (const figure of publish({ arena, peers, settings })) figures.push(figure)
    expect(figures.map(({ metric }) => metric)).toEqual(
      ['plain', ...peers.map((peer) => peer.name)].flatMap((variant) =>
        ['c1.p50', 'c1.p99', 'c1.throughput', 'c8.throughput'].map((what) => `publish.${variant}.${what}`),
      ),
    )
    for (const { metric, value, ratio } of figures) {
      expect(value).toBeGreaterThan(0)
      expect(ratio === null).toBe(metric.startsWith('publish.plain.'))
    }
  })
})

async function exercise(peer: Peer, place: Place, app: App): Promise<void> {
  const data = { iata: 'NEW', name: 'made', country: 'DE', latitude: 1.5, longitude: 2 }
  await app.write('NEW', ({ airport }) => airport.create({ data }))
  for (const at of [0, 1, 2]) await rename(app, idOf(at), `renamed ${at}`)
  await app.abandon(idOf(3), ({ airport }) =>
    airport.update({ where: { iata: idOf(3) }, data: { name: 'never' } }),
  )
  await settled(peer, place)
  await app.write(idOf(1), ({ airport }) => airport.delete({ where: { iata: idOf(1) } }))
  await rename(app, idOf(0), 'renamed again')
  await app.fill([idOf(4)])
  await settled(peer, place)
  const records = await query<{ iata: string; name: string }>(
    place.databaseUrl,
    'select iata_code as iata, name from airports where iata_code <> $1',
    [idOf(3)],
  )
  expect(records).toHaveLength(4)
  await until('sheet and table agree', () => {
    const { missing, stale, ghosts, doubled } = judge(arena.rows(place), records)
    return missing.length + stale.length + ghosts.length + doubled === 0
  })
  expect(arena.rows(place).find(([iata]) => iata === 'NEW')).toEqual([
    'NEW',
    'made',
    '',
    '',
    'DE',
    '1.5',
    '2',
  ])
}

function rename(app: App, iata: string, name: string): Promise<unknown> {
  return app.write(iata, ({ airport }) => airport.update({ where: { iata }, data: { name } }))
}

function settled(peer: Peer, place: Place): Promise<unknown> {
  return until('nothing is waiting', async () => (await peer.unsettled(place)) === 0)
}

async function connections({ databaseUrl }: Place): Promise<number> {
  const [row] = await query<{ count: string }>(
    databaseUrl,
    'select count(*) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  )
  return Number(row?.count)
}
