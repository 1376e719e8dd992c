import { Redis } from 'ioredis'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { writeback } from '../../src/index.ts'
import { openClient, openPool } from '../peers/database.ts'
import { randomOf } from '../peers/random.ts'
import { cacheKey, configOf, type Places, SEARCH_TABLE, TAB } from './places.ts'
import { iataOf } from './town.ts'

/*
 * An application that answers requests, each of which renames an airport: by Prisma alone, extended, or the home-made way,
 * which calls every place itself once the change is committed. It is killed while it does so, and begins where it was told.
 */

/** Requests under way at a time. */
const AT_ONCE = 8

const { TOWN = '{}', SHEETS_API_URL = '', REQUESTS = '{}' } = process.env
const places = JSON.parse(TOWN) as Places
const { isHomeMade, records, from, to, seed } = JSON.parse(REQUESTS) as {
  readonly isHomeMade: boolean
  readonly records: number
  readonly from: number
  readonly to: number
  readonly seed: number
}
const plain = openClient(places.databaseUrl)
const app = (isHomeMade ? plain : plain.$extends(writeback(configOf(places)))) as unknown as PrismaClient
const consumers = isHomeMade ? consumersOf(places) : []

let next = from
async function answer(): Promise<void> {
  while (next < to) {
    const at = next++
    const iata = iataOf(randomOf(seed + at)(0, records - 1))
    const { name } = await app.airport.update({ where: { iata }, data: { name: `request ${at}` } })
    // A consumer that fails is logged: the request has been answered.
    await Promise.all(consumers.map((consume) => consume(iata, name).catch(() => {})))
    process.send?.({ answered: at })
  }
}

process.send?.({ ready: true })
await Promise.all(Array.from({ length: AT_ONCE }, answer))
process.exit(0)

type Consumer = (iata: string, name: string) => Promise<unknown>

function consumersOf({ spreadsheetId, searchUrl, stockUrl, redisUrl }: Places): Consumer[] {
  const pool = openPool(searchUrl, { max: 4 })
  const redis = redisUrl === undefined ? undefined : new Redis(redisUrl)
  const sheet = async (path: string, init?: RequestInit) => {
    const url = new URL(`v4/spreadsheets/${spreadsheetId}/values/${path}`, SHEETS_API_URL)
    const response = await fetch(url, { ...init, headers: { authorization: 'Bearer bench' } })
    if (!response.ok) throw new Error(`the sheet answered ${response.status}`)
    return (await response.json()) as { values?: string[][] }
  }
  return [
    async (iata, name) => {
      const { values = [] } = await sheet(`${TAB}!A:A`)
      const row = values.findIndex(([key]) => key === iata) + 1
      const body = JSON.stringify({ values: [[name]] })
      await sheet(`${TAB}!B${row}?valueInputOption=RAW`, { method: 'PUT', body })
    },
    (iata, name) =>
      pool.query(
        `update ${SEARCH_TABLE} set document = jsonb_set(document, '{name}', to_jsonb($2::text)) where id = $1`,
        [iata, name],
      ),
    async (iata, name) => {
      const response = await fetch(`${stockUrl}/articles/${iata}`, {
        method: 'PUT',
        body: JSON.stringify({ name, stock: 1 }),
      })
      if (!response.ok) throw new Error(`the stock service answered ${response.status}`)
    },
    async (iata) => redis?.del(cacheKey(spreadsheetId, iata)),
  ]
}
