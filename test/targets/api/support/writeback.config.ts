import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../../../src/index.ts'
import { stockTarget } from './target.ts'

const { defineConfig } = forClient<PrismaClient>(dataModel)

/** The configuration of workers that tests start as processes. */
export default defineConfig({
  client: () =>
    new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 1 }) }),
  targets: [
    stockTarget(process.env.STOCK_URL ?? '', {
      keysKeptHours: Number(process.env.STOCK_KEYS_HOURS ?? 24),
      timeoutMs: 2_000,
    }),
  ],
})
