import { PrismaPg } from '@prisma/adapter-pg'
import { Redis } from 'ioredis'
import pg from 'pg'
import { stockClient } from '../demo/stock-service/client.ts'
import { PrismaClient } from '../prisma/generated/client/client.ts'
import { dataModel } from '../prisma/generated/writeback/data-model.ts'
import { forClient } from '../src/index.ts'
import { hasServer } from '../tools/own-redis.ts'
import { cacheKey, SEARCH_TABLE, SEARCHED_LETTERS } from './places.ts'
import { SPREADSHEETS } from './spreadsheets.ts'
import { WORKERS_CLIENT } from './stage/workers-client.ts'

/*
 * What the torture mirrors: four spreadsheets (so four lanes), every kind of id, columns that show other records, a
 * filter, both kinds of strategies that let a person's value stand, and a tab whose cells people write; a search index, an
 * outside system and, where there is a Redis, a cache. judge/expected-rows.ts and judge/places.ts say the same once more,
 * in SQL.
 */

const { defineConfig, apiTarget, cacheTarget, searchTarget, sheetTarget } = forClient<PrismaClient>(dataModel)

const { DATABASE_URL, STOCK_URL = 'http://127.0.0.1:9' } = process.env
const { TORTURE_REDIS_URL = 'redis://127.0.0.1:9' } = process.env
const searchPool = new pg.Pool({ connectionString: DATABASE_URL, max: 2, allowExitOnIdle: true })
searchPool.on('error', () => {})

export default defineConfig({
  client: () =>
    new PrismaClient({
      adapter: new PrismaPg({
        connectionString: DATABASE_URL,
        max: 3,
        application_name: WORKERS_CLIENT,
      }),
    }),
  // What the extension cannot follow it refuses, so that the judge may demand everything else.
  capture: { unfollowed: 'throw' },
  targets: [
    sheetTarget({
      name: 'requests',
      spreadsheetId: SPREADSHEETS.requests,
      tab: 'Requests',
      model: 'Request',
      columns: [
        { header: 'Reference', field: 'reference' },
        { header: 'Status', field: 'status' },
        { header: 'Customer', field: 'customerName' },
        { header: 'Operator', value: (request) => request.operator?.name ?? null },
        { header: 'Travellers', field: 'passengers' },
        { header: 'Budget', field: 'budget' },
        { header: 'Departure', field: 'departureOn' },
        { header: 'Confirmed', field: 'confirmedAt' },
        { header: 'Tags', value: (request) => request.tags.map((tag) => tag.name).sort() },
        { header: 'Comment', field: 'comment' },
      ],
      include: { operator: { select: { name: true } }, tags: { select: { name: true } } },
    }),
    sheetTarget({
      name: 'items',
      spreadsheetId: SPREADSHEETS.requests,
      tab: 'Items',
      model: 'RequestItem',
      columns: [
        { header: 'Title', field: 'title' },
        { header: 'Kind', field: 'kind' },
        { header: 'Price', field: 'price' },
        { header: 'Starts', field: 'startsAt' },
      ],
    }),
    sheetTarget({
      name: 'operators',
      spreadsheetId: SPREADSHEETS.operators,
      tab: 'Operators',
      model: 'Operator',
      columns: [
        { header: 'Code', field: 'code' },
        { header: 'Name', field: 'name' },
        { header: 'Commission', field: 'commissionRate' },
        { header: 'Rating', field: 'rating', conflict: 'manual' },
        { header: 'Active', field: 'active' },
        { header: 'Languages', field: 'languages', conflict: 'sheet-wins' },
        { header: 'Ledger', field: 'legacyId' },
        { header: 'Founded', field: 'foundedOn' },
        { header: 'Settings', field: 'settings' },
      ],
    }),
    sheetTarget({
      name: 'revenue',
      spreadsheetId: SPREADSHEETS.ledger,
      tab: 'Revenue',
      model: 'Revenue',
      columns: [
        { header: 'Kind', field: 'kind' },
        { header: 'Amount', field: 'amount' },
        { header: 'Rate', field: 'exchangeRate' },
        { header: 'Minor units', field: 'minorUnits' },
        { header: 'Day', field: 'accountingOn' },
        { header: 'Booked', field: 'bookedAt' },
        { header: 'Settled', field: 'settled' },
        { header: 'Meta', field: 'meta' },
      ],
    }),
    sheetTarget({
      name: 'notes',
      spreadsheetId: SPREADSHEETS.ledger,
      tab: 'Notes',
      model: 'Note',
      columns: [
        { header: 'Request', field: 'requestId' },
        { header: 'Author', field: 'author' },
        { header: 'Text', field: 'body' },
        { header: 'Pinned', field: 'pinned' },
      ],
      filter: (note) => note.author !== 'hidden',
    }),
    sheetTarget({
      name: 'desk',
      spreadsheetId: SPREADSHEETS.desk,
      tab: 'Desk',
      model: 'Note',
      columns: [
        { header: 'Request', field: 'requestId', writable: true },
        { header: 'Author', field: 'author', writable: true },
        { header: 'Text', field: 'body', writable: true, conflict: 'sheet-wins' },
        { header: 'Pinned', field: 'pinned', writable: true },
      ],
      edits: {
        check: (_note, { body }) =>
          String(body).startsWith('nonsense') ? { body: 'that is nonsense' } : null,
        newRows: 'create',
        deletedRows: 'delete',
        detect: { everySeconds: 2 },
      },
    }),
    searchTarget({
      name: 'request-search',
      model: 'Request',
      engine: 'postgres',
      client: searchPool,
      index: SEARCH_TABLE,
      include: { operator: { select: { name: true } } },
      document: ({ reference, customerName, comment, operator }) => ({
        reference,
        customer: customerName,
        comment: comment?.slice(0, SEARCHED_LETTERS) ?? null,
        operator: operator?.name ?? null,
      }),
    }),
    apiTarget({
      name: 'seats',
      model: 'Request',
      document: ({ reference, passengers }) => ({ name: reference, stock: passengers }),
      ...stockClient(STOCK_URL),
    }),
    ...(hasServer
      ? [
          cacheTarget({
            name: 'request-cache',
            model: 'Request',
            redis: () => new Redis(TORTURE_REDIS_URL),
            keys: ({ id }) => [cacheKey(id)],
          }),
        ]
      : []),
  ],
})
