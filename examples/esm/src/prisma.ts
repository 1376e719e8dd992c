import 'dotenv/config'
import { PrismaPg } from '@prisma/adapter-pg'
import { writeback } from 'prisma-writeback'
import config from '../writeback.config.js'
import { PrismaClient } from './generated/prisma/client.js'

const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL })
export const prisma = new PrismaClient({ adapter }).$extends(writeback(config))
