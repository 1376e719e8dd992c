import { SEARCH_TABLE, SEARCHED_LETTERS } from '../places.ts'
import type { Stage } from '../stage/stage.ts'
import type { Violation } from './violation.ts'

/** Compares the search index and the outside system with the table of requests. */
export async function judgePlaces({ database, stock }: Stage): Promise<Violation[]> {
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
  return found
}

function differs(target: string, key: string, shown: string | null, wanted: string | null): Violation[] {
  if (shown === wanted) return []
  const subject = `${target} ${key}`
  if (wanted === null) return [{ kind: 'foreign row', subject, message: `there is no such record: ${shown}` }]
  if (shown === null) return [{ kind: 'missing', subject, message: `is not there: ${wanted}` }]
  return [{ kind: 'stale', subject, message: `shows ${shown} instead of ${wanted}` }]
}
