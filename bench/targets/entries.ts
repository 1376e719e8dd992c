import { SEARCH_TABLE, TAB } from './places.ts'
import type { Town } from './town.ts'

/** Places that can be listed from outside. */
export type NamedPlace = 'sheet' | 'search' | 'api'

/** What a place shows, read without the library: the name of every airport, by its id. */
export async function entriesOf(
  { person, places, search }: Pick<Town, 'person' | 'places' | 'search'>,
  place: NamedPlace,
): Promise<Map<string, string>> {
  if (place === 'sheet') {
    const rows = person.see(TAB).slice(1)
    return new Map(rows.map(([id = '', name = '']) => [id, name]))
  }
  if (place === 'search') {
    const found = await search<{ id: string; name: string | null }>(
      `select id, document ->> 'name' as name from ${SEARCH_TABLE} where removed_at is null`,
    )
    return new Map(found.map(({ id, name }) => [id, name ?? '']))
  }
  const entries = new Map<string, string>()
  for (let after: string | undefined = ''; after !== undefined; ) {
    const url: string = `${places.stockUrl}/articles?limit=1000&after=${after}`
    const response = await fetch(url, { headers: { 'x-person': 'bench' } })
    const page = (await response.json()) as { articles: { id: string; name: string }[]; next?: string }
    for (const { id, name } of page.articles) entries.set(id, name)
    after = page.next
  }
  return entries
}
