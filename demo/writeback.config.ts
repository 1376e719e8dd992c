import { Redis } from 'ioredis'
import pg from 'pg'
import type { PrismaClient } from '../prisma/generated/client/client.ts'
import { dataModel } from '../prisma/generated/writeback/data-model.ts'
import { forClient } from '../src/index.ts'
import reference from '../writeback.config.ts'
import { stockClient } from './stock-service/client.ts'

/*
 * The configuration of the demo: the sheets of the reference configuration, and the same records in a search index, in an
 * outside system and in a cache.
 */

const { defineConfig, apiTarget, cacheTarget, searchTarget } = forClient<PrismaClient>(dataModel)

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

export default defineConfig({
  ...(reference.client && { client: reference.client as () => PrismaClient }),
  targets: [
    ...reference.targets,
    airportSearch,
    requestSearch,
    seats,
    ...(REDIS_URL === undefined ? [] : [requestCache]),
  ],
})
