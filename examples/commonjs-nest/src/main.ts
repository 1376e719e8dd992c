import 'dotenv/config'
import 'reflect-metadata'
import { NestFactory } from '@nestjs/core'
import { AppModule } from './app.module.js'
import { OrdersService } from './orders.service.js'

async function main([number = '', total = '']: string[]): Promise<void> {
  const app = await NestFactory.createApplicationContext(AppModule, { logger: ['error', 'warn'] })
  const order = await app.get(OrdersService).place(number, total)
  console.log(`order ${order.number}: ${order.total}`)
  await app.close()
}

void main(process.argv.slice(2))
