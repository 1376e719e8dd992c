import { startTestSheet, type TestSheet } from 'prisma-writeback/testing'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { placeOrder } from '../src/orders.js'
import { prisma } from '../src/prisma.js'
import config from '../writeback.config.js'

let sheet: TestSheet
beforeAll(async () => {
  sheet = await startTestSheet(config, { withinMs: 30_000 })
}, 60_000)
beforeEach(() => sheet.reset())
afterAll(async () => {
  await sheet.stop()
  await prisma.$disconnect()
})

test('an order has its row, and its job says who placed it', async () => {
  await placeOrder('0043', '5')
  expect(await sheet.jobs()).toMatchObject([
    { target: 'orders', record: '0043', context: { userId: 'ada' }, state: 'queued' },
  ])
  await sheet.drain()
  expect(sheet.rows('orders')).toMatchObject([{ Number: '0043', Total: '5' }])
}, 60_000)

test('a note of a person stays where it is, also when Google has failed meanwhile', async () => {
  await placeOrder('0043', '5')
  await sheet.drain()
  sheet.type('orders', 'D1', 'Note')
  sheet.type('orders', { row: { Number: '0043' }, column: 'Note' }, 'call back on Friday')
  sheet.fail(500)
  await placeOrder('0043', '6')
  await sheet.drain()
  expect(sheet.rows('orders')).toMatchObject([{ Number: '0043', Total: '6', Note: 'call back on Friday' }])
}, 60_000)
