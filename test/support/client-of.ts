import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../prisma/generated/client/client.ts'

/** A client of the reference schema. @param max connections that it may hold */
export function clientOf(url: string, max = 4): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max }) })
}
