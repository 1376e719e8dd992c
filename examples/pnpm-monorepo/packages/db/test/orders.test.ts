import 'dotenv/config'
import { startTestSheet, type TestSheet } from 'prisma-writeback/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { prisma } from '../src/index.ts'
import config from '../writeback.config.ts'

let sheet: TestSheet
beforeAll(async () => {
  sheet = await startTestSheet(config, { withinMs: 30_000 })
}, 60_000)
afterAll(async () => {
  await sheet.stop()
  await prisma.$disconnect()
})

test('an order has its row', async () => {
  const order = { number: '0043', total: '5' }
  await prisma.order.upsert({ where: { number: '0043' }, create: order, update: order })
  await sheet.drain()
  expect(sheet.rows('orders')).toMatchObject([{ Number: '0043', Total: '5' }])
}, 60_000)
