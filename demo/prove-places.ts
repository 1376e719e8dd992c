import type pg from 'pg'
import type { PrismaClient } from '../prisma/generated/client/client.ts'
import { firstOf, type Proof } from './proof.ts'

/** Where the places other than sheets are. */
export interface Places {
  readonly pool: pg.Pool
  readonly stockUrl: string
}

/**
 * Compares the search indexes, and the outside system with their tables, whole. As for sheets, it shares no code
 * with what writes them.
 */
export async function provePlaces(
  prisma: PrismaClient,
  { pool, stockUrl }: Places,
): Promise<readonly Proof[]> {
  const airports = await prisma.airport.findMany()
  const requests = await prisma.request.findMany({ include: { operator: true } })
  return [
    compare(
      'search for airports',
      new Map(airports.map(({ iata, name, city, country }) => [iata, { iata, name, city, country }])),
      await documentsIn(pool, 'airport_search'),
    ),
    compare(
      'search for requests',
      new Map(
        requests.map(({ id, reference, customerName, comment, operator }) => [
          id,
          { reference, customerName, comment, operator: operator?.name ?? null },
        ]),
      ),
      await documentsIn(pool, 'request_search'),
    ),
    compare(
      'seats, outside',
      new Map(requests.map(({ id, reference, passengers }) => [id, { name: reference, stock: passengers }])),
      await articlesAt(stockUrl),
    ),
  ]
}

type Documents = ReadonlyMap<string, Readonly<Record<string, unknown>>>

async function documentsIn(pool: pg.Pool, table: string): Promise<Documents> {
  const { rows } = await pool.query<{ id: string; document: Record<string, unknown> }>(
    `select id, document from ${table} where document is not null`,
  )
  return new Map(rows.map(({ id, document }) => [id, document]))
}

async function articlesAt(url: string): Promise<Documents> {
  const articles = new Map<string, Record<string, unknown>>()
  for (let after: string | undefined = ''; after !== undefined; ) {
    const response = await fetch(`${url}/articles?${new URLSearchParams({ after, limit: '1000' })}`)
    const page = (await response.json()) as {
      articles: { id: string; name: unknown; stock: unknown }[]
      next?: string
    }
    for (const { id, name, stock } of page.articles) articles.set(id, { name, stock })
    after = page.next
  }
  return articles
}

function compare(tab: string, records: Documents, found: Documents): Proof {
  const differences: string[] = []
  let cells = 0
  for (const [id, wanted] of records) {
    const got = found.get(id)
    if (got === undefined) {
      differences.push(`record ${id} is not there`)
      continue
    }
    for (const [field, want] of Object.entries(wanted)) {
      cells++
      if (String(got[field]) === String(want)) continue
      differences.push(`${id}, ${field}: ${JSON.stringify(got[field])} instead of ${JSON.stringify(want)}`)
    }
  }
  for (const id of found.keys()) if (!records.has(id)) differences.push(`${id} has no record`)
  return { tab, records: records.size, rows: found.size, cells, differences: firstOf(differences) }
}
