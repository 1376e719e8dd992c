/*
 * A small application of somebody who uses Prisma and has never heard of this library: path and text of its files.
 */

export const SHOP = {
  'package.json': JSON.stringify({ name: 'shop', private: true, type: 'module' }, null, 2),

  'tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'ES2023',
      module: 'NodeNext',
      strict: true,
      noUncheckedIndexedAccess: true,
      exactOptionalPropertyTypes: true,
      noImplicitOverride: true,
      noUnusedLocals: true,
      verbatimModuleSyntax: true,
      erasableSyntaxOnly: true,
      allowImportingTsExtensions: true,
      noEmit: true,
      types: ['node'],
      // pg-boss 12.35 brings types with errors.
      skipLibCheck: true,
    },
    include: ['src', '*.ts'],
  }),

  'prisma.config.ts': `import { defineConfig } from 'prisma/config'

export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? '' },
})
`,

  'prisma/schema.prisma': `generator client {
  provider            = "prisma-client"
  output              = "../src/generated/client"
  importFileExtension = "ts"
}

datasource db {
  provider = "postgresql"
}

model Customer {
  id           Int     @id @default(autoincrement())
  name         String
  passwordHash String?
  orders       Order[]
}

model Order {
  number     String   @id
  total      Decimal  @db.Decimal(10, 2)
  placedAt   DateTime @default(now())
  customer   Customer @relation(fields: [customerId], references: [id])
  customerId Int
}
`,

  'prisma/migrations/migration_lock.toml': 'provider = "postgresql"\n',

  'prisma/migrations/20260101000000_init/migration.sql': `CREATE TABLE "Customer" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "name" TEXT NOT NULL,
  "passwordHash" TEXT
);
CREATE TABLE "Order" (
  "number" TEXT NOT NULL PRIMARY KEY,
  "total" DECIMAL(10,2) NOT NULL,
  "placedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  "customerId" INTEGER NOT NULL,
  CONSTRAINT "Order_customerId_fkey" FOREIGN KEY ("customerId") REFERENCES "Customer"("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
`,
} as const

/** What the user writes after init: a client that is extended, and a program that places an order with it. */
export const PLACE_ORDER = {
  'src/client.ts': `import { PrismaPg } from '@prisma/adapter-pg'
import { writeback } from 'prisma-writeback'
import config from '../writeback.config.ts'
import { PrismaClient } from './generated/client/client.ts'

const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL })
export const prisma = new PrismaClient({ adapter }).$extends(writeback(config))
`,

  'src/place-order.ts': `import { runWithContext } from 'prisma-writeback'
import { prisma } from './client.ts'

const order = await runWithContext({ userId: 'ada' }, () =>
  prisma.order.create({
    data: { number: '0042', total: '19.90', customer: { create: { name: '=Ada' } } },
    include: { customer: true },
  }),
)
const name: string = order.customer.name
// @ts-expect-error the extended client is typed as the plain one: there is no such field
order.nonsense
console.log(name)
await prisma.$disconnect()
`,

  'src/check.ts': `import { openOperations } from 'prisma-writeback/operations'
import config from '../writeback.config.ts'

const operations = await openOperations(config, { databaseUrl: process.env.DATABASE_URL ?? '' })
const stats = await operations.stats()
console.log(operations.health(stats).verdict)
await operations.close()
`,

  // Types and code as a program in CommonJS gets them.
  'commonjs/tsconfig.json': JSON.stringify({
    compilerOptions: {
      target: 'ES2023',
      module: 'node16',
      strict: true,
      types: ['node'],
      skipLibCheck: true,
    },
    files: ['main.cts'],
  }),

  'commonjs/compare.mjs': `import { createRequire } from 'node:module'
import { resolve } from 'node:path'

const require = createRequire(import.meta.url)
const { exports } = require('prisma-writeback/package.json')
for (const [entry, { require: to }] of Object.entries(exports)) {
  if (to === undefined) continue
  const names = async (module) => Object.keys(await module).filter((name) => name !== 'default').sort().join()
  const commonJs = require(resolve('node_modules/prisma-writeback', to.default))
  const [got, expected] = [await names(commonJs), await names(import(entry.replace('.', 'prisma-writeback')))]
  if (got !== expected || got === '') console.log(entry, got, 'instead of', expected)
}
`,

  'commonjs/main.cts': `import { isWritebackError, type WritebackConfig } from 'prisma-writeback'
import { openOperations, type Operations } from 'prisma-writeback/operations'
import { startTestSheet, type Row, type TestSheet } from 'prisma-writeback/testing'
import { startWorker, type Worker } from 'prisma-writeback/worker'

export const start: (config: WritebackConfig) => Promise<Worker> = startWorker
export const open: (config: WritebackConfig, options: { databaseUrl: string }) => Promise<Operations> = openOperations
export const rows = (sheet: TestSheet): Row[] => sheet.rows('orders')
// @ts-expect-error a configuration is needed
export const wrong = () => startWorker()

async function main() {
  const { default: config } = await import('../writeback.config.ts' as string)
  const sheet = await startTestSheet(config)
  try {
    sheet.rows('nonsense')
  } catch (error) {
    if (isWritebackError(error)) console.log(error.code)
  }
  await sheet.stop()
}
void main()
`,
} as const
