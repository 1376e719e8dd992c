import { afterAll, beforeAll, expect, test } from 'vitest'
import { sqlOf } from '../../src/queue/boss.ts'
import { sendPull } from '../../src/queue/pull.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'

let queue: TestQueue
beforeAll(async () => {
  queue = await openTestQueue()
})
afterAll(() => queue.close())

const send = (spreadsheetId: string, editor?: string) =>
  sendPull(sqlOf(queue.boss), queue.config.schemas, { spreadsheetId, editor })
const dataOf = async (spreadsheetId: string) =>
  (await queue.boss.findJobs(QUEUES.pull, { key: spreadsheetId, queued: true })).map(({ data }) => data)

test('one look waits for a spreadsheet; one that is under way does not stop the next', async () => {
  expect(await send('a')).toBe(true)
  expect(await send('a')).toBe(false)
  expect(await send('b')).toBe(true)
  expect(await dataOf('a')).toEqual([{ spreadsheetId: 'a' }])
  const fetched = await queue.boss.fetch(QUEUES.pull, { batchSize: 10 })
  // Postgres returns what it has updated in any order.
  const fetchedIds = fetched.map(({ data }) => (data as { spreadsheetId: string }).spreadsheetId)
  expect(fetchedIds.sort()).toEqual(['a', 'b'])
  expect(await send('a')).toBe(true)
})

test('a look that waits for the edits of two people is nobody’s', async () => {
  await send('c', 'ada@example.com')
  await send('c', 'ada@example.com')
  expect(await dataOf('c')).toEqual([{ spreadsheetId: 'c', editor: 'ada@example.com' }])
  await send('c', 'bob@example.com')
  await send('c', 'ada@example.com')
  expect(await dataOf('c')).toEqual([{ spreadsheetId: 'c' }])
  // Nor is one that waits for somebody whose name is not known.
  await send('d', 'ada@example.com')
  await send('d')
  expect(await dataOf('d')).toEqual([{ spreadsheetId: 'd' }])
  await send('e')
  await send('e', 'ada@example.com')
  expect(await dataOf('e')).toEqual([{ spreadsheetId: 'e' }])
})
