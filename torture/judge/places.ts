import { Redis } from 'ioredis'
import { CACHE_PREFIX, cacheKey, SEARCH_TABLE, SEARCHED_LETTERS } from '../places.ts'
import type { TortureDatabase } from '../stage/database.ts'
import type { Stage } from '../stage/stage.ts'
import type { Violation } from './violation.ts'

/** Compares the search index, the outside system and the cache with the table of requests. */
export async function judgePlaces({ database, stock, redis }: Stage): Promise<Violation[]> {
  const found: Violation[] = []
  const documents = await database.query<{ key: string; shown: string | null; wanted: string | null }>(
    `select coalesce(s.id, r.id) as key, s.document::text as shown, r.document::text as wanted
     from (select id, document from ${SEARCH_TABLE} where removed_at is null) s
     full join (
       select r.id, jsonb_build_object('reference', r.reference, 'customer', r.customer_name,
         'comment', left(r.comment, ${SEARCHED_LETTERS}), 'operator', o.display_name) as document
       from requests r left join operators o on o.operator_id = r.operator_id
     ) r on r.id = s.id
     where s.document is distinct from r.document`,
  )
  for (const { key, shown, wanted } of documents) found.push(...differs('request-search', key, shown, wanted))
  const requests = await database.query<{ id: string; name: string; stock: number }>(
    'select id, reference as name, passengers::int as stock from requests',
  )
  const articles = new Map((await stock.articles()).map(({ id, name, stock }) => [id, `${name}, ${stock}`]))
  for (const { id, name, stock } of requests) {
    found.push(...differs('seats', id, articles.get(id) ?? null, `${name}, ${stock}`))
    articles.delete(id)
  }
  for (const [id, article] of articles) found.push(...differs('seats', id, article, null))
  found.push(...(await judgeCache(database, redis)))
  return found
}

/** What nobody has read is not there; what is there is what a read of the database would find. */
async function judgeCache(database: TortureDatabase, redis: Stage['redis']): Promise<Violation[]> {
  const stored = redis ? await valuesIn(redis.url) : new Map<string, string>()
  const rows = await database.query<{ id: string; name: string; passengers: number }>(
    'select id, customer_name as name, passengers::int as passengers from requests',
  )
  const wanted = new Map(rows.map(({ id, name, passengers }) => [cacheKey(id), shown(name, passengers)]))
  return [...stored].flatMap(([key, text]) => {
    const { v } = JSON.parse(text) as { v: { customerName: string; passengers: number } | null }
    const found = v === null ? NOTHING : shown(v.customerName, v.passengers)
    return differs('request-cache', key, found, wanted.get(key) ?? NOTHING)
  })
}

/** Values that stand in the cache, by key. */
async function valuesIn(url: string): Promise<Map<string, string>> {
  const redis = new Redis(url)
  try {
    const keys = await redis.keys(`${CACHE_PREFIX}*`)
    const texts = keys.length === 0 ? [] : await redis.mget(keys)
    return new Map(keys.flatMap((key, at) => (texts[at] ? [[key, texts[at]]] : [])))
  } finally {
    redis.disconnect()
  }
}

const NOTHING = 'no record'

const shown = (name: string, passengers: number) => JSON.stringify([name, passengers])

function differs(target: string, key: string, shown: string | null, wanted: string | null): Violation[] {
  if (shown === wanted) return []
  const subject = `${target} ${key}`
  if (wanted === null) return [{ kind: 'foreign row', subject, message: `there is no such record: ${shown}` }]
  if (shown === null) return [{ kind: 'missing', subject, message: `is not there: ${wanted}` }]
  return [{ kind: 'stale', subject, message: `shows ${shown} instead of ${wanted}` }]
}
