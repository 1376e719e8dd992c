import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '../../tools/embedded-postgres.ts'
import { atMost, type Measurement, quantile, told } from '../measurement.ts'
import { until } from '../peers/measure/contest.ts'
import { tabOf } from './config.ts'
import { type Building, type Office, warmUp } from './office.ts'
import { newSecret, type Script, scriptFor } from './script.ts'
import type { Sizes } from './sizes.ts'

/** From one edit to the next, in milliseconds: a person who works in the sheet. */
const [SHORTEST_MS, LONGEST_MS] = [500, 7_500]

const LOOK_MS = 10
const GIVE_UP_MS = 60_000

/** Goals for 95 of 100 edits, in milliseconds. */
const GOALS = { polling: 10_000, script: 2_000 }

/**
 * From a person's edit of one cell until the record has it, by looks alone or with the script in the spreadsheet. Edits
 * come at random moments and do not wait for each other. Google's own delay in starting the script, and its way to the
 * worker, are not in these figures.
 */
export async function* singleEdits(
  building: Building,
  sizes: Sizes,
  detect: keyof typeof GOALS,
): AsyncGenerator<Measurement> {
  const secret = newSecret()
  const port = detect === 'script' ? await freePort() : undefined
  const records = Math.max(100, sizes.edits)
  const office = await building.open({ name: `single_${detect}`, records, ...(port && { port, secret }) })
  try {
    await office.work().ready
    await warmUp(office)
    const url = () => `http://127.0.0.1:${port}/sheet-edits`
    const script = port === undefined ? undefined : scriptFor(office.spreadsheetId, secret, url)
    const before = office.calls()
    const delays = await typeAll(office, sizes, script)
    const after = office.calls()
    const name = `two_way.single.${detect}`
    const calls = after.read + after.write - before.read - before.write
    yield told(`${name}.p50`, quantile(delays, 0.5), 'ms')
    yield atMost(`${name}.p95`, quantile(delays, 0.95), 'ms', GOALS[detect])
    yield told(`${name}.max`, Math.max(...delays), 'ms')
    yield told(`${name}.calls_per_edit`, calls / delays.length, 'calls')
    yield atMost(`${name}.sheet_writes`, after.write - before.write, 'calls', 0)
    yield atMost(`${name}.refused_calls`, after.failed - before.failed, 'calls', 0)
    if (script) yield atMost(`${name}.refused_signals`, script.sent.refused, 'signals', 0)
  } finally {
    await office.close()
  }
}

/** @returns from each edit until its record has it, in milliseconds */
async function typeAll(
  { person, query }: Office,
  { edits, random }: Sizes,
  script: Script | undefined,
): Promise<number[]> {
  const typed = new Map<string, number>()
  const delays: number[] = []
  const look = async () => {
    const found = await query<{ value: string }>(
      'select customer_name as value from requests where customer_name = any($1)',
      [[...typed.keys()]],
    )
    for (const { value } of found) {
      delays.push(Date.now() - (typed.get(value) ?? Number.NaN))
      typed.delete(value)
    }
  }
  let isTyping = true
  const looking = (async () => {
    while (isTyping || typed.size > 0) {
      await look()
      await sleep(LOOK_MS)
    }
  })()
  try {
    for (let at = 0; at < edits; at++) {
      await sleep(random(SHORTEST_MS, LONGEST_MS))
      const value = `typed ${at}`
      const cell = `B${at + 2}`
      person.act('type', { tab: tabOf(0), cell, text: value })
      typed.set(value, Date.now())
      script?.edited(cell)
    }
    await until('every record has its edit', () => typed.size === 0, GIVE_UP_MS)
  } finally {
    isTyping = false
    typed.clear()
    await looking
  }
  return delays
}
