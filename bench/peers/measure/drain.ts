import { atLeast, atMost, type Measurement, told } from '../../measurement.ts'
import { idsOf } from '../arena.ts'
import { type Peer, TAB, type Tenths } from '../peer.ts'
import { startWorkerChild, usageOf } from '../processes.ts'
import { type Contest, isOurs, toldIfKnown, until, withOneOfOurs } from './contest.ts'

const GIVE_UP_MS = 7_200_000
const MEGABYTE = 1_000_000

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
  const handled: number[] = []
  let allDone = false
  const worker = startWorkerChild(peer, place, 'count', {
    every: Math.max(1, Math.floor(jobs / 10)),
    told: (done, at) => {
      handled.push(at)
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
    ...rates(name, jobs, (await peer.tenths?.(place)) ?? [...handled.slice(0, 11), settledAt]),
    ...toldIfKnown(`${name}.worker_peak`, usage && usage.peakRss / MEGABYTE, 'MB'),
    told(`${name}.table_after`, (size.table - (size.index === null ? before.table : 0)) / MEGABYTE, 'MB'),
    ...toldIfKnown(`${name}.index_after`, size.index === null ? null : size.index / MEGABYTE, 'MB'),
  ]
}

async function drainToSheet({ arena }: Contest, peer: Peer, records: number): Promise<Measurement[]> {
  const place = await arena.open(peer, `sheet-${records}`, { records })
  const app = await peer.openApp(place)
  await app.fill(idsOf(records))
  await app.close()
  const worker = startWorkerChild(peer, place, 'sheet')
  const settled = async () => (await peer.unsettled(place)) === 0
  await until(`${place.name} is settled`, settled, GIVE_UP_MS, records > 100_000 ? 5000 : 100)
  const usage = usageOf(worker.pid)
  await worker.stop()
  const tenths = (await peer.tenths?.(place)) ?? []
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
    ...(usage ? [atMost(`${name}.worker_peak`, usage.peakRss / MEGABYTE, 'MB', 300)] : []),
    told(`${name}.table_after`, size.table / MEGABYTE, 'MB'),
    ...toldIfKnown(`${name}.index_after`, size.index === null ? null : size.index / MEGABYTE, 'MB'),
  ]
}

/**
 * Rates of the whole, the first and the last tenth. Where a queue's tables do not tell when a job was completed, the
 * tenths are those of the handler, and a twelfth time says when the last job was settled.
 */
function rates(name: string, jobs: number, tenths: Tenths): Measurement[] {
  const rate = (count: number, from = 0, to = 0) => (count * 1000) / Math.max(1, to - from)
  return [
    told(name, rate(jobs, tenths[0], tenths.at(-1)), 'jobs/s'),
    told(`${name}.first_tenth`, rate(jobs / 10, tenths[0], tenths[1]), 'jobs/s'),
    told(`${name}.last_tenth`, rate(jobs / 10, tenths[9], tenths[10]), 'jobs/s'),
  ]
}
