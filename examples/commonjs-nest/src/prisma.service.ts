import { Injectable, type OnModuleDestroy } from '@nestjs/common'
import { PrismaPg } from '@prisma/adapter-pg'
import { withWriteback } from 'prisma-writeback'
import { PrismaClient } from './generated/prisma/client.js'
import config from './writeback.config.js'

/** The application's client, extended: every write that it makes is published in its own transaction. */
@Injectable()
export class PrismaService implements OnModuleDestroy {
  readonly client = withWriteback(
    new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) }),
    config,
  )

  onModuleDestroy(): Promise<void> {
    return this.client.$disconnect()
  }
}
