import { atLeast, atMost, type Measurement, told } from '../../measurement.ts'
import { idsOf } from '../arena.ts'
import { query } from '../database.ts'
import { type Peer, type Place, TAB } from '../peer.ts'
import { startWorkerChild, usageOf } from '../processes.ts'
import { type Contest, isOurs, toldIfKnown, until, withOneOfOurs } from './contest.ts'

const GIVE_UP_MS = 7_200_000
const MEBIBYTE = 1024 * 1024

/** When each tenth of the jobs was done, in milliseconds since 1970; the first entry is the first job. */
type Tenths = readonly number[]

/**
 * How fast queues empty themselves. First without a sheet: the jobs' handler does nothing, which no application has but
 * which is the best a queue can show. Then this project as it is, every record read from Postgres and written to the
 * sheet, with an API that answers at once.
 */
export async function* drain(contest: Contest): AsyncGenerator<Measurement> {
  for (const jobs of contest.settings.drainJobs) {
    for (const peer of withOneOfOurs(contest.peers)) yield* await drainQueue(contest, peer, jobs)
  }
  const ours = contest.peers.findLast(isOurs)
  if (!ours) return
  for (const records of contest.settings.sheetRecords) yield* await drainToSheet(contest, ours, records)
}

async function drainQueue({ arena }: Contest, peer: Peer, jobs: number): Promise<Measurement[]> {
  const place = await arena.open(peer, `drain-${jobs}`)
  const before = await peer.size(place)
  const app = await peer.openApp(place)
  const filling = performance.now()
  await app.fill(idsOf(jobs))
  const fillSeconds = (performance.now() - filling) / 1000
  await app.close()
  const tenths: number[] = []
  let allDone = false
  const worker = startWorkerChild(peer, place, 'count', {
    every: Math.max(1, Math.floor(jobs / 10)),
    told: (done, at) => {
      tenths.push(at)
      allDone ||= done >= jobs
    },
  })
  await until(`${place.name}: every job is handled`, () => allDone, GIVE_UP_MS)
  await until(`${place.name} is settled`, async () => (await peer.unsettled(place)) === 0, GIVE_UP_MS, 50)
  const settledAt = Date.now()
  const usage = usageOf(worker.pid)
  await worker.stop()
  const size = await peer.size(place)
  const name = `drain_queue.${peer.name}.${jobs}`
  return [
    told(`${name}.fill`, jobs / fillSeconds, 'jobs/s'),
    ...rates(name, jobs, [...tenths.slice(0, 11), settledAt]),
    ...toldIfKnown(`${name}.worker_peak`, usage && usage.peakRss / MEBIBYTE, 'MiB'),
    told(`${name}.table_after`, (size.table - (size.index === null ? before.table : 0)) / MEBIBYTE, 'MiB'),
    ...toldIfKnown(`${name}.index_after`, size.index === null ? null : size.index / MEBIBYTE, 'MiB'),
  ]
}

async function drainToSheet({ arena }: Contest, peer: Peer, records: number): Promise<Measurement[]> {
  const place = await arena.open(peer, `sheet-${records}`, { records })
  const app = await peer.openApp(place)
  await app.fill(idsOf(records))
  await app.close()
  const worker = startWorkerChild(peer, place, 'sheet')
  const settled = async () => (await peer.unsettled(place)) === 0
  await until(`${place.name} is settled`, settled, GIVE_UP_MS, records > 100_000 ? 2000 : 100)
  const usage = usageOf(worker.pid)
  await worker.stop()
  const tenths = await completions(place)
  const rows = arena.control.spreadsheets
    .find(place.spreadsheetId)
    .tabs.find(({ meta }) => meta.title === TAB)
  const filled = rows?.grid.rowCount ?? 0
  if (filled < records) throw new Error(`${place.name}: ${filled} rows in the sheet, ${records} expected`)
  const size = await peer.size(place)
  const name = `drain_to_sheet.${peer.name}.${records}`
  const [rate, first, last] = rates(name, records, tenths)
  return [
    atLeast(rate?.metric ?? '', rate?.value ?? 0, 'records/s', 3000),
    ...(first && last
      ? [first, { ...last, baseline: first.value, ratio: Number((last.value / first.value).toPrecision(3)) }]
      : []),
    ...(usage ? [atMost(`${name}.worker_peak`, usage.peakRss / MEBIBYTE, 'MiB', 300)] : []),
    told(`${name}.table_after`, size.table / MEBIBYTE, 'MiB'),
    ...toldIfKnown(`${name}.index_after`, size.index === null ? null : size.index / MEBIBYTE, 'MiB'),
  ]
}

/** Rates of the whole, the first and the last tenth. The whole ends when the last job is settled. */
function rates(name: string, jobs: number, tenths: Tenths): Measurement[] {
  const rate = (count: number, from = 0, to = 0) => (count * 1000) / Math.max(1, to - from)
  return [
    told(name, rate(jobs, tenths[0], tenths.at(-1)), 'jobs/s'),
    told(`${name}.first_tenth`, rate(jobs / 10, tenths[0], tenths[1]), 'jobs/s'),
    told(`${name}.last_tenth`, rate(jobs / 10, tenths[9], tenths[10]), 'jobs/s'),
  ]
}

/** When the first job was started and each tenth completed, as pg-boss has it. */
async function completions({ databaseUrl }: Place): Promise<Tenths> {
  const [row] = await query<{ started: Date; tenths: Date[] }>(
    databaseUrl,
    `select min(started_on) as started,
            percentile_disc(array[0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1])
              within group (order by completed_on) as tenths
     from pgboss.job where name = 'sync.write-back' and state = 'completed'`,
  )
  return [row?.started ?? new Date(), ...(row?.tenths ?? [])].map((date) => date.getTime())
}
