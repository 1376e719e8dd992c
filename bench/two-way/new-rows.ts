import { setTimeout as sleep } from 'node:timers/promises'
import { atLeast, atMost, type Measurement, told } from '../measurement.ts'
import type { Child } from '../peers/processes.ts'
import { tabOf } from './config.ts'
import type { Building, Office } from './office.ts'
import type { Sizes } from './sizes.ts'

/** Workers at a time. */
const WORKERS = 2

/** From one kill to the next, in milliseconds. */
const [SOONEST_MS, LATEST_MS] = [300, 5_000]

/** A process manager starts the next one after this, in milliseconds. */
const RESTART_AFTER_MS = 300

/** A job of a killed worker is taken back after some 30 s, a few times in a row. */
const GIVE_UP_MS = 15 * 60_000

const LOOK_MS = 100

/** Records that were there before. */
const THERE = 5

/** How the rows and the records stand to each other. */
interface Verdict {
  readonly records: number
  readonly keyed: number
  /** Rows whose key is no record's, or another's than the row shows. */
  readonly wrong: number
  /** Rows, and records, beyond the first that show the same. */
  readonly doubled: number
}

/** Rows that are pasted at once become records, while nobody dies and while workers are killed at random moments. */
export async function* newRows(building: Building, sizes: Sizes): AsyncGenerator<Measurement> {
  for (const kills of [0, sizes.kills]) {
    const name = `two_way.new_rows.${kills === 0 ? 'undisturbed' : 'killed'}`
    const office = await building.open({ name: `new_rows_${kills}`, records: THERE })
    try {
      const { seconds, killed, verdict, calls } = await paste(office, { ...sizes, kills })
      if (kills > 0) yield atLeast(`${name}.workers_killed`, killed, 'workers', 1)
      yield told(`${name}.all_records`, seconds, 's')
      yield told(`${name}.calls_per_1000`, (calls * 1000) / sizes.rows, 'calls')
      yield atLeast(`${name}.records`, verdict.records, 'records', sizes.rows)
      yield atLeast(`${name}.rows_with_key`, verdict.keyed, 'rows', sizes.rows)
      yield atMost(`${name}.wrong_keys`, verdict.wrong, 'rows', 0)
      yield atMost(`${name}.doubled`, verdict.doubled, 'records', 0)
    } finally {
      await office.close()
    }
  }
}

async function paste(office: Office, { rows, kills, random }: Sizes) {
  const crew = new Crew(office)
  await crew.start()
  const texts = Array.from({ length: rows }, (_, at) => [`New customer ${at}`, '2'])
  const before = office.calls()
  office.person.act('paste', { tab: tabOf(0), cell: `B${THERE + 2}`, rows: texts })
  const began = performance.now()
  let verdict = await judge(office)
  const isDone = () => verdict.records >= rows && verdict.keyed >= rows
  const patience = began + GIVE_UP_MS
  let killed = 0
  let next = began + random(SOONEST_MS, LATEST_MS)
  while (!isDone() && performance.now() < patience) {
    await sleep(LOOK_MS)
    if (killed < kills && performance.now() >= next) {
      await crew.kill(random(0, WORKERS - 1))
      killed++
      next = performance.now() + random(SOONEST_MS, LATEST_MS)
    }
    verdict = await judge(office)
  }
  const seconds = (performance.now() - began) / 1000
  // Whatever is still under way may make no more of them.
  await office.settled()
  verdict = await judge(office)
  const after = office.calls()
  const calls = after.read + after.write - before.read - before.write
  await crew.stop()
  return { seconds, killed, verdict, calls }
}

/** Workers of which another starts when one was killed. */
class Crew {
  readonly #office: Office
  readonly #workers: Child[] = []

  constructor(office: Office) {
    this.#office = office
  }

  async start(): Promise<void> {
    for (let at = 0; at < WORKERS; at++) this.#workers[at] = this.#office.work()
    await Promise.all(this.#workers.map(({ ready }) => ready))
  }

  async kill(at: number): Promise<void> {
    const worker = this.#workers[at]
    worker?.kill('SIGKILL')
    await worker?.ended
    await sleep(RESTART_AFTER_MS)
    this.#workers[at] = this.#office.work()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()))
  }
}

async function judge({ query, person }: Office): Promise<Verdict> {
  const records = await query<{ id: string; customer: string }>(
    `select id, customer_name as customer from requests where customer_name like 'New customer %'`,
  )
  const byId = new Map(records.map(({ id, customer }) => [id, customer]))
  const rows = person.see(tabOf(0)).filter(([, customer]) => customer?.startsWith('New customer '))
  const keyed = rows.filter(([key]) => key)
  const wrong = keyed.filter(([key = '', customer]) => byId.get(key) !== customer)
  const beyond = (all: readonly unknown[]) => all.length - new Set(all).size
  return {
    records: records.length,
    keyed: keyed.length,
    wrong: wrong.length,
    doubled:
      beyond(records.map(({ customer }) => customer)) +
      beyond(rows.map(([, customer]) => customer)) +
      beyond(keyed.map(([key]) => key)),
  }
}
