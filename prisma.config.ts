import { defineConfig } from 'prisma/config'
import { useStandInWhereNeeded } from './tools/schema-engine/choose.ts'

// The CLI reads this file before it looks for its native schema engine.
useStandInWhereNeeded()

const url = process.env.DATABASE_URL

export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
  // `prisma generate` needs no database, so that a missing url stops only the commands that do.
  ...(url ? { datasource: { url } } : {}),
})
