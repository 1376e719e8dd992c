import { PrismaPg } from '@prisma/adapter-pg'
import { forClient } from 'prisma-writeback'
import { PrismaClient } from './generated/prisma/client.js'
import { dataModel } from './generated/writeback/data-model.js'

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

export default defineConfig({
  // The worker's own client: it reads one batch of records at a time.
  client: () =>
    new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 1 }) }),

  targets: [
    sheetTarget({
      name: 'orders',
      spreadsheetId: process.env.SPREADSHEET_ID ?? '',
      tab: 'Orders',
      model: 'Order',
      key: 'Number',
      columns: [
        { header: 'Total', field: 'total' },
        { header: 'Placed at', field: 'placedAt' },
      ],
    }),
  ],
})
