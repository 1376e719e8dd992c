import { against, type Measurement, quantile, told } from '../../measurement.ts'
import { idOf } from '../arena.ts'
import { openClient, query } from '../database.ts'
import type { App } from '../peer.ts'
import type { Contest } from './contest.ts'

const CONCURRENCY = 8

/** Who writes, and into which database. */
interface Variant {
  readonly name: string
  readonly databaseUrl: string
  write(iata: string, name: string): Promise<unknown>
}

interface Samples {
  readonly single: number[]
  /** Writes a second, one figure a round. */
  readonly throughput: number[]
}

/**
 * What publishing costs the application: one update of a record, together with its job, beside the update alone. No
 * worker runs. Each write is of another record, so that every one queues a job. The variants take turns within each
 * round, so that what else the machine does touches all of them alike; the first round warms up.
 */
export async function* publish({ arena, peers, settings }: Contest): AsyncGenerator<Measurement> {
  const { publishRounds, publishWrites } = settings
  const records = publishRounds * publishWrites * 2
  const variants: Variant[] = []
  const closers: (() => Promise<unknown>)[] = []
  for (const peer of peers) {
    const place = await arena.open(peer, 'publish', { records })
    const app: App = await peer.openApp(place)
    closers.push(() => app.close())
    if (variants.length === 0) {
      const plain = openClient(place.databaseUrl)
      closers.push(() => plain.$disconnect())
      // Its own database is of no use: a table that nobody else updates is the same table.
      variants.push({
        name: 'plain',
        databaseUrl: place.databaseUrl,
        write: (iata, name) => plain.airport.update({ where: { iata }, data: { name } }),
      })
    }
    variants.push({
      name: peer.name,
      databaseUrl: place.databaseUrl,
      write: (iata, name) =>
        app.write(iata, (writer) => writer.airport.update({ where: { iata }, data: { name } })),
    })
  }
  const samples = new Map(variants.map(({ name }) => [name, { single: [], throughput: [] } as Samples]))
  for (let round = 0; round < publishRounds; round++) {
    const order = variants.map((_, at) => variants[(at + round) % variants.length] as Variant)
    for (const variant of order) {
      const { single, throughput } = await measure(variant, round * publishWrites * 2, publishWrites)
      if (round === 0) continue
      samples.get(variant.name)?.single.push(...single)
      samples.get(variant.name)?.throughput.push(...throughput)
    }
  }
  for (const close of closers) await close()

  const of = (name: string) => samples.get(name) as Samples
  const plain = of('plain')
  for (const { name } of variants) {
    const { single, throughput } = of(name)
    const compare = name === 'plain' ? told : withBaseline
    yield compare(`publish.${name}.c1.p50`, quantile(single, 0.5), 'ms', quantile(plain.single, 0.5))
    yield compare(`publish.${name}.c1.p99`, quantile(single, 0.99), 'ms', quantile(plain.single, 0.99))
    const rate = (values: Samples) => 1000 / mean(values.single)
    yield compare(`publish.${name}.c1.throughput`, rate(of(name)), 'writes/s', rate(plain))
    const median = quantile(throughput, 0.5)
    yield compare(`publish.${name}.c8.throughput`, median, 'writes/s', quantile(plain.throughput, 0.5))
  }
}

const withBaseline = (metric: string, value: number, unit: string, baseline: number) =>
  against(metric, value, unit, baseline)

async function measure(variant: Variant, first: number, writes: number): Promise<Samples> {
  await query(variant.databaseUrl, 'checkpoint')
  const single: number[] = []
  let next = first
  for (; next < first + writes; next++) {
    const started = performance.now()
    await variant.write(idOf(next), `alone ${next}`)
    single.push(performance.now() - started)
  }
  const end = next + writes
  const writer = async () => {
    while (next < end) {
      const at = next++
      await variant.write(idOf(at), `together ${at}`)
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: CONCURRENCY }, writer))
  return { single, throughput: [(writes * 1000) / (performance.now() - started)] }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
