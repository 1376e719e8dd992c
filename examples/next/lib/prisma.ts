import { PrismaPg } from '@prisma/adapter-pg'
import { withWriteback } from 'prisma-writeback'
import { PrismaClient } from '@/generated/prisma/client'
import config from '@/writeback.config'

function makeClient(): PrismaClient {
  const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL })
  return withWriteback(new PrismaClient({ adapter }), config)
}

// Next loads this module again at every change while developing: the client stays.
const shared = globalThis as { prisma?: PrismaClient }
shared.prisma ??= makeClient()
export const prisma: PrismaClient = shared.prisma
