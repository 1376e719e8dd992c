import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { Tickets } from '../../../src/lane/tickets.ts'
import { outcomesOfNewer } from '../../../src/targets/documents/newer.ts'
import { DocumentStore } from '../../../src/targets/documents/store.ts'
import { TargetStates } from '../../../src/targets/state.ts'
import { openLibrary } from './ends-right.ts'
import { memoryTarget as target } from './memory-place.ts'

const store = new DocumentStore('public')
const tickets = new Tickets('public')
let library: Awaited<ReturnType<typeof openLibrary>>
beforeAll(async () => {
  library = await openLibrary()
})
afterAll(() => library.close())

const sequenceAt = (value: number) => library.sql.query(`select setval('sync_ticket', ${value})`)
const lastDrawn = async () => {
  const [row] = await library.sql.query<{ last_value: string }>('select last_value from sync_ticket')
  return Number(row?.last_value)
}
beforeEach(async () => {
  await library.sql.query('truncate sync_record')
  await sequenceAt(10)
})

/** What becomes of record a, noted with ticket 10, of which the place has a version. */
async function outcome(version: bigint | undefined) {
  await store.intend(library.sql, target.name, [{ id: 'a', keys: [] }], 10n)
  const log = pino({ level: 'silent' })
  const context = { sql: library.sql, store, tickets, states: new TargetStates('public'), log }
  return (await outcomesOfNewer(context, target, 10n, new Map([['a', version]]))).get('a')
}

it('leaves a record to the worker that has noted the newer version', async () => {
  await store.intend(library.sql, target.name, [{ id: 'a', keys: [] }], 12n)
  expect(await outcome(12n)).toEqual({ status: 'done', change: 'unchanged' })
  expect(await outcome(undefined)).toEqual({ status: 'done', change: 'unchanged' })
})

it('goes on above a version that was never drawn here, and sends the record again', async () => {
  expect(await outcome(500n)).toMatchObject({ status: 'deferred', code: 'TICKET_BEHIND' })
  expect(await lastDrawn()).toBe(500)
})

it('sees that nobody noted a version, although other records have been given higher ones meanwhile', async () => {
  await sequenceAt(40)
  expect(await outcome(20n)).toMatchObject({ status: 'deferred', code: 'TICKET_BEHIND' })
  expect(await lastDrawn()).toBe(40)
})

it('sends a record again under another number where the place has this one already', async () => {
  expect(await outcome(10n)).toMatchObject({ status: 'deferred', code: 'PLACE_OUTCOME_UNKNOWN' })
})

it('lets no version that somebody made up use up the numbers', async () => {
  expect(await outcome(2n ** 63n - 1n)).toMatchObject({ status: 'dead', code: 'PLACE_REFUSED' })
  expect(await lastDrawn()).toBe(10)
})
