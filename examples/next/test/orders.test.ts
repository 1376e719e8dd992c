import 'dotenv/config'
import { startTestSheet, type TestSheet } from 'prisma-writeback/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { POST } from '@/app/api/orders/route'
import { prisma } from '@/lib/prisma'
import config from '@/writeback.config'

let sheet: TestSheet
beforeAll(async () => {
  sheet = await startTestSheet(config, { withinMs: 30_000 })
}, 60_000)
afterAll(async () => {
  await sheet.stop()
  await prisma.$disconnect()
})

test('an order that is posted has its row, and its job says who placed it', async () => {
  const body = JSON.stringify({ number: '0043', total: '5' })
  await POST(
    new Request('http://localhost/api/orders', { method: 'POST', body, headers: { 'x-user': 'ada' } }),
  )
  expect(await sheet.jobs()).toMatchObject([
    { target: 'orders', record: '0043', context: { userId: 'ada' }, state: 'queued' },
  ])
  await sheet.drain()
  expect(sheet.rows('orders')).toMatchObject([{ Number: '0043', Total: '5' }])
}, 60_000)
