import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { stockClient } from '../../demo/stock-service/client.ts'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../src/index.ts'
import { openClient, openPool } from '../peers/database.ts'

const { defineConfig, apiTarget, cacheTarget, customTarget, searchTarget, sheetTarget } =
  forClient<PrismaClient>(dataModel)

/** Time that a call of the sheet, of the outside system and of the custom target takes, in milliseconds. */
export const LATENCY_MS = 50

/** Where the places of a town are; the worker is told the same. */
export interface Places {
  readonly databaseUrl: string
  readonly spreadsheetId: string
  /** Database of the search table. */
  readonly searchUrl: string
  readonly stockUrl: string
  /** Without one there is no cache. */
  readonly redisUrl?: string | undefined
}

/** Table of the search target. */
export const SEARCH_TABLE = 'airport_search'
/** Title of the tab. */
export const TAB = 'Airports'

/** Airports in one place of every kind. */
export function configOf({ databaseUrl, spreadsheetId, searchUrl, stockUrl, redisUrl }: Places) {
  const common = { model: 'Airport' } as const
  return defineConfig({
    client: () => openClient(databaseUrl, 4),
    targets: [
      sheetTarget({
        ...common,
        name: 'sheet',
        spreadsheetId,
        tab: TAB,
        columns: ['name', 'city', 'country'],
      }),
      searchTarget({
        ...common,
        name: 'search',
        engine: 'postgres',
        client: openPool(searchUrl, { max: 4, allowExitOnIdle: true }),
        index: SEARCH_TABLE,
        document: ({ name, city, country }) => ({ name, city, country }),
      }),
      apiTarget({
        ...common,
        name: 'api',
        document: ({ name }) => ({ name, stock: 1 }),
        ...stockClient(stockUrl),
      }),
      customTarget({
        ...common,
        name: 'custom',
        upsert: async () => void (await sleep(LATENCY_MS)),
        remove: async () => void (await sleep(LATENCY_MS)),
      }),
      ...(redisUrl === undefined
        ? []
        : [
            cacheTarget({
              ...common,
              name: 'cache',
              redis: () => new Redis(redisUrl),
              keys: ({ iata }) => [cacheKey(spreadsheetId, iata)],
            }),
          ]),
    ],
  })
}

/** The key of an airport in Redis, which towns share. */
export function cacheKey(town: string, iata: string): string {
  return `bench:${town}:airport:${iata}`
}
