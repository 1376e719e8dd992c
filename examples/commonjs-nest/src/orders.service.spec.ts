import 'dotenv/config'
import 'reflect-metadata'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { INestApplicationContext } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { startTestSheet, type TestSheet } from 'prisma-writeback/testing'
import { AppModule } from './app.module.js'
import { OrdersService } from './orders.service.js'
import config from './writeback.config.js'

let app: INestApplicationContext
let sheet: TestSheet
beforeAll(async () => {
  app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] })
  sheet = await startTestSheet(config, { withinMs: 30_000 })
}, 60_000)
afterAll(async () => {
  await sheet.stop()
  await app.close()
})

test('an order has its row, and its job says who placed it', async () => {
  await app.get(OrdersService).place('0043', '5')
  expect(await sheet.jobs()).toMatchObject([
    { target: 'orders', record: '0043', context: { userId: 'ada' }, state: 'queued' },
  ])
  await sheet.drain()
  expect(sheet.rows('orders')).toMatchObject([{ Number: '0043', Total: '5' }])
}, 60_000)
