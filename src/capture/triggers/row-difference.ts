import { quoteIdentifier, quoteLiteral } from '../../database/quote.ts'
import type { Columns } from '../shown/columns.ts'

/** SQL of the condition that pairs new rows (`n`) with old ones (`o`): by their key. */
export function pairedSql(key: readonly string[]): string {
  return key.map((column) => `n.${quoteIdentifier(column)} = o.${quoteIdentifier(column)}`).join(' and ')
}

/**
 * SQL that is true for a pair of rows that differs in some columns, and for a row without its pair.
 *
 * Compared are the stored images (`*<>`), which every type has: equality does not exist for json, point and others,
 * and an error here would be the host's. Where all columns count, or all but some, none of them is named, so that the
 * host may rename and drop columns.
 *
 * A virtual column (Postgres 18) has no value in the rows that a trigger sees. It is computed from other columns of its
 * row, which ones is not known here: where one is shown, any difference counts.
 */
export function differsSql(key: readonly string[], columns: Columns): string {
  const [first] = key.map(quoteIdentifier)
  const unpaired = `n.${first} is null or o.${first} is null`
  const { kind, names } = columns
  if (kind === 'allBut' && names.size === 0) return `(${unpaired} or n *<> o)`
  const sorted = [...names].sort()
  const images = (alias: string) =>
    `row(${sorted.map((column) => `${alias}.${quoteIdentifier(column)}`).join(', ')})::record`
  const list = `array[${sorted.map(quoteLiteral).join(', ')}]::text[]`
  const counts = kind === 'only' ? `= any (${list})` : `<> all (${list})`
  const virtual = `exists (
          select from pg_attribute a where a.attrelid = tg_relid and a.attgenerated = 'v' and a.attname::text ${counts}
        )`
  if (kind === 'only') {
    const shown = names.size === 0 ? '' : ` or ${images('n')} *<> ${images('o')}`
    return `(${unpaired}${shown} or n *<> o and ${virtual})`
  }
  // Only of rows that differ: as text this costs more than the images do.
  const shown = `exists (
          select from json_each(row_to_json(n)) a full join json_each(row_to_json(o)) b using (key)
          where key ${counts} and a.value::text is distinct from b.value::text
        )`
  return `(${unpaired} or n *<> o and (${shown} or ${virtual}))`
}
