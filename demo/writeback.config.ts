import { PrismaPg } from '@prisma/adapter-pg'
import { Redis } from 'ioredis'
import pg from 'pg'
import { z } from 'zod'
import { PrismaClient } from '../prisma/generated/client/client.ts'
import { dataModel } from '../prisma/generated/writeback/data-model.ts'
import { forClient } from '../src/index.ts'
import reference from '../writeback.config.ts'
import { stockClient } from './stock-service/client.ts'

/*
 * The configuration of the demo: the sheets of the reference configuration, and the same records in a search index, in an
 * outside system and in a cache.
 */

const { defineConfig, apiTarget, cacheTarget, searchTarget, sheetTarget } = forClient<PrismaClient>(dataModel)

const { DATABASE_URL, REDIS_URL, STOCK_URL = 'http://127.0.0.1:9' } = process.env
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 2, allowExitOnIdle: true })
pool.on('error', () => {})

/** Airports by name, city and code. */
export const airportSearch = searchTarget({
  name: 'airport-search',
  model: 'Airport',
  engine: 'postgres',
  client: pool,
  index: 'airport_search',
  document: ({ iata, name, city, country }) => ({ iata, name, city, country }),
  settings: { weights: { iata: 'A', name: 'A', city: 'B', country: 'D' } },
})

/** Requests by whatever somebody remembers of them. */
export const requestSearch = searchTarget({
  name: 'request-search',
  model: 'Request',
  engine: 'postgres',
  client: pool,
  index: 'request_search',
  include: { operator: { select: { name: true } } },
  document: ({ reference, customerName, comment, operator }) => ({
    reference,
    customerName,
    comment,
    operator: operator?.name ?? null,
  }),
})

/** Seats of each request in a system of its own, where others book seats as well: movements of both sides count. */
export const seats = apiTarget({
  name: 'seats',
  model: 'Request',
  document: ({ reference, passengers }) => ({ name: reference, stock: passengers }),
  fields: { stock: 'delta' },
  ...stockClient(STOCK_URL),
})

/** What `cached(...)` keeps of requests in Redis. */
export const requestCache = cacheTarget({
  name: 'request-cache',
  model: 'Request',
  redis: () => new Redis(REDIS_URL ?? 'redis://127.0.0.1:6379'),
  keys: ({ id }) => [`request:${id}`],
})

/** The requests of the reference configuration, in a tab that people may write to. */
export const requests = sheetTarget({
  name: 'requests',
  spreadsheetId: process.env.WRITEBACK_SPREADSHEET_ID ?? 'demo',
  tab: 'Requests',
  model: 'Request',
  columns: [
    { header: 'Reference', field: 'reference', writable: true },
    { header: 'Status', field: 'status', writable: true },
    { header: 'Customer', field: 'customerName', writable: true },
    { header: 'Operator', value: (request) => request.operator?.name ?? null },
    { header: 'Travellers', field: 'passengers', writable: true },
    { header: 'Budget', field: 'budget', writable: true },
    { header: 'Currency', field: 'currency' },
    { header: 'Departure', field: 'departureOn', writable: true },
    { header: 'Confirmed', field: 'confirmedAt' },
    { header: 'Tags', value: (request) => request.tags.map((tag) => tag.name).sort() },
    { header: 'Comment', field: 'comment', writable: true },
  ],
  include: { operator: { select: { name: true } }, tags: { select: { name: true } } },
  edits: {
    validate: z.object({ passengers: z.number().min(1, 'nobody travels').max(60, 'at most 60 travellers') }),
    check: (record, { status }) =>
      status === 'BOOKED' && record?.departureOn === null
        ? { status: 'book it once the date of departure is known' }
        : null,
    newRows: 'create',
    deletedRows: 'delete',
    detect: { everySeconds: 2 },
  },
})

export default defineConfig({
  client: () => new PrismaClient({ adapter: new PrismaPg({ connectionString: DATABASE_URL, max: 4 }) }),
  targets: [
    ...reference.targets.filter(({ name }) => name !== 'requests'),
    requests,
    airportSearch,
    requestSearch,
    seats,
    ...(REDIS_URL === undefined ? [] : [requestCache]),
  ],
})
