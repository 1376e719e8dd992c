import { Module } from '@nestjs/common'
import { OrdersService } from './orders.service.js'
import { PrismaService } from './prisma.service.js'

@Module({ providers: [PrismaService, OrdersService] })
export class AppModule {}
