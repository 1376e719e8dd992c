import { setTimeout as sleep } from 'node:timers/promises'
import { against, atLeast, atMost, type Measurement, quantile, told } from './measurement.ts'
import { googleSpreadsheet, oneCallPerJob } from './sheet/peers.ts'
import { drain, idOf, setUp, startDatabase } from './sheet/rig.ts'

const DRAINED = 20_000
const UNDER_QUOTA = 25_000
const LARGE_ROWS = 100_000
const PEER_RECORDS = 100

const ids = (count: number) => Array.from({ length: count }, (_, at) => idOf(at))

/**
 * The Sheets target alone, without queue and Prisma: a database, the local sheet in a process of its own, records that
 * are made as they are read. `commit-to-sheet` measures the whole way.
 */
export async function* run(): AsyncGenerator<Measurement> {
  const database = await startDatabase()
  try {
    yield* withoutDelay(database.url)
    yield* underQuota(database.url)
    yield* withLatency(database.url)
    yield* largeTab(database.url)
  } finally {
    await database.stop()
  }
}

/** As fast as it goes: new rows, then changes of all of them. */
async function* withoutDelay(databaseUrl: string): AsyncGenerator<Measurement> {
  const rig = await setUp(databaseUrl, { columns: 9 })
  try {
    const all = ids(DRAINED)
    const inserted = await drain(rig, all)
    yield atLeast('sheet.drain.new_rows', (DRAINED / inserted) * 1000, 'records/s', 3_000)
    const before = { ...rig.calls }
    rig.records.version = 2
    const updated = await drain(rig, all)
    yield atLeast('sheet.drain.changed_rows', (DRAINED / updated) * 1000, 'records/s', 3_000)
    const calls = rig.calls.read + rig.calls.write - before.read - before.write
    yield told('sheet.drain.records_per_call', DRAINED / calls, 'records')
    yield atMost('sheet.drain.calls_per_1000_records', (calls * 1000) / DRAINED, 'calls', 3)
  } finally {
    await rig.close()
  }
}

/** Google's quota of 60 reads and 60 writes a minute, kept by the local sheet too; real time, not a simulated clock. */
async function* underQuota(databaseUrl: string): AsyncGenerator<Measurement> {
  const rig = await setUp(databaseUrl, { columns: 9, quota: 60 })
  try {
    const took = await drain(rig, ids(UNDER_QUOTA))
    const perMinute = took <= 60_000 ? UNDER_QUOTA : (UNDER_QUOTA / took) * 60_000
    yield atLeast('sheet.quota_60.records_in_a_real_minute', perMinute, 'records', 20_000)
    yield told('sheet.quota_60.calls', rig.calls.read + rig.calls.write, 'calls')
    yield atMost('sheet.quota_60.refused_calls', rig.calls.failed, 'calls', 0)
  } finally {
    await rig.close()
  }
}

/** 50 ms for each call, as Google's are at best: single changes, a steady load, and others doing the same. */
async function* withLatency(databaseUrl: string): AsyncGenerator<Measurement> {
  const rig = await setUp(databaseUrl, { columns: 9, latencyMs: 50 })
  try {
    await drain(rig, ids(1_000))
    const idle: number[] = []
    for (let at = 0; at < 60; at++) {
      rig.records.version++
      const started = performance.now()
      await rig.write([idOf(at)])
      idle.push(performance.now() - started)
    }
    yield atMost('sheet.latency_50.idle.p50', quantile(idle, 0.5), 'ms', 200)
    yield atMost('sheet.latency_50.idle.p99', quantile(idle, 0.99), 'ms', 600)
    const load: number[] = []
    const writes: Promise<void>[] = []
    for (let at = 0; at < 500; at++) {
      rig.records.version++
      const started = performance.now()
      writes.push(rig.write([idOf(at)]).then(() => void load.push(performance.now() - started)))
      await sleep(10)
    }
    await Promise.all(writes)
    yield atMost('sheet.latency_50.load_100_per_second.p50', quantile(load, 0.5), 'ms', 200)
    yield atMost('sheet.latency_50.load_100_per_second.p99', quantile(load, 0.99), 'ms', 600)

    const before = { ...rig.calls }
    rig.records.version++
    const took = await drain(rig, ids(1_000))
    const calls = rig.calls.read + rig.calls.write - before.read - before.write
    const rate = 1_000_000 / took
    const perJob = await oneCallPerJob(rig, PEER_RECORDS)
    const popular = await googleSpreadsheet(rig, PEER_RECORDS)
    yield told('sheet.latency_50.calls_per_1000_records', calls, 'calls')
    yield told('sheet.one_call_per_job.calls_per_1000_records', (perJob.calls * 1000) / PEER_RECORDS, 'calls')
    yield told(
      'sheet.google_spreadsheet.calls_per_1000_records',
      (popular.calls * 1000) / PEER_RECORDS,
      'calls',
    )
    yield against('sheet.rate_beside_one_call_per_job', rate, 'records/s', (PEER_RECORDS * 1000) / perJob.ms)
    yield against(
      'sheet.rate_beside_google_spreadsheet',
      rate,
      'records/s',
      (PEER_RECORDS * 1000) / popular.ms,
    )
  } finally {
    await rig.close()
  }
}

/** A tab of 100,000 rows and 20 columns: what a batch and a single change cost there. */
async function* largeTab(databaseUrl: string): AsyncGenerator<Measurement> {
  const rig = await setUp(databaseUrl, { columns: 20 })
  try {
    const all = ids(LARGE_ROWS)
    yield told('sheet.large_tab.fill', (LARGE_ROWS / (await drain(rig, all))) * 1000, 'records/s')
    for (const [name, count] of [
      ['one_record', 1],
      ['batch_of_1000', 1_000],
    ] as const) {
      const took: number[] = []
      for (let round = 0; round < 5; round++) {
        rig.records.version++
        const step = Math.floor(LARGE_ROWS / count)
        const some = Array.from({ length: count }, (_, at) => idOf((at * step + round * 7) % LARGE_ROWS))
        const started = performance.now()
        await rig.write(some)
        took.push(performance.now() - started)
      }
      yield told(`sheet.large_tab.${name}`, quantile(took, 0.5), 'ms')
    }
    const { data } = await rig.api.spreadsheets.getByDataFilter({
      spreadsheetId: rig.target.spreadsheetId,
      fields: 'sheets.data.rowData.values.userEnteredValue',
      requestBody: {
        dataFilters: [{ a1Range: "'Bookings'!A:A" }],
      },
    })
    yield told('sheet.large_tab.key_column', JSON.stringify(data).length, 'bytes')
    yield told('sheet.large_tab.rss', process.memoryUsage().rss / 1e6, 'MB')
  } finally {
    await rig.close()
  }
}
