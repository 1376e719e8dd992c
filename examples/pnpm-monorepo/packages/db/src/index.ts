import { PrismaPg } from '@prisma/adapter-pg'
import { writeback } from 'prisma-writeback'
import config from '../writeback.config.ts'
import { PrismaClient } from './generated/prisma/client.ts'

export { runWithContext } from 'prisma-writeback'

const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL })
export const prisma = new PrismaClient({ adapter }).$extends(writeback(config))
