import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { editableConfig } from './editable-config.ts'

/** The configuration of workers that tests start as processes. */
export default {
  ...editableConfig({
    requests: { newRows: 'create', defaults: ({ comment }) => ({ reference: String(comment) }) },
  }),
  client: () =>
    new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 1 }) }),
}
