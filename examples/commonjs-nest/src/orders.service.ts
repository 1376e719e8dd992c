import { Injectable } from '@nestjs/common'
import { runWithContext } from 'prisma-writeback'
import { PrismaService } from './prisma.service.js'

@Injectable()
export class OrdersService {
  constructor(private readonly prisma: PrismaService) {}

  place(number: string, total: string) {
    const write = { where: { number }, create: { number, total }, update: { total } }
    return runWithContext({ userId: 'ada' }, () => this.prisma.client.order.upsert(write))
  }
}
