import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from './prisma/generated/client/client.ts'
import { dataModel } from './prisma/generated/writeback/data-model.ts'
import { forClient } from './src/index.ts'

/*
 * The configuration of the demo, and an example of one: what of the reference schema is shared, and where.
 * An application imports from 'prisma-writeback' instead of './src/index.ts'.
 */

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

const spreadsheetId = process.env.WRITEBACK_SPREADSHEET_ID ?? 'demo'

export default defineConfig({
  // The worker's own client: one connection is enough, it reads a batch at a time.
  client: () =>
    new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 1 }) }),

  targets: [
    sheetTarget({
      name: 'airports',
      spreadsheetId,
      tab: 'Airports',
      model: 'Airport',
      key: 'IATA',
      columns: [
        { header: 'Name', field: 'name' },
        { header: 'City', field: 'city' },
        { header: 'State', field: 'state' },
        { header: 'Country', field: 'country' },
        { header: 'Latitude', field: 'latitude' },
        { header: 'Longitude', field: 'longitude' },
      ],
    }),
    sheetTarget({
      name: 'requests',
      spreadsheetId,
      tab: 'Requests',
      model: 'Request',
      columns: [
        { header: 'Reference', field: 'reference' },
        { header: 'Status', field: 'status' },
        { header: 'Customer', field: 'customerName' },
        { header: 'Operator', value: (request) => request.operator?.name ?? null },
        { header: 'Travellers', field: 'passengers' },
        { header: 'Budget', field: 'budget' },
        { header: 'Currency', field: 'currency' },
        { header: 'Departure', field: 'departureOn' },
        { header: 'Confirmed', field: 'confirmedAt' },
        { header: 'Tags', value: (request) => request.tags.map((tag) => tag.name).sort() },
        { header: 'Comment', field: 'comment' },
      ],
      include: { operator: { select: { name: true } }, tags: { select: { name: true } } },
    }),
  ],
})
