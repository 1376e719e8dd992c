import { SEARCH_TABLE, TAB } from './places.ts'
import type { Town } from './town.ts'

/** Places that can be listed from outside. */
export type NamedPlace = 'sheet' | 'search' | 'api'

/** What a place shows, read without the library: the name of every airport, by its id. */
export async function entriesOf(
  { person, stock, search }: Pick<Town, 'person' | 'stock' | 'search'>,
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
  return new Map((await stock.articles()).map(({ id, name }) => [id, name]))
}
