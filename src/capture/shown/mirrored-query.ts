import type { Schemas } from '../../config/schemas.ts'
import { quoteIdentifier } from '../../database/quote.ts'
import type { DataModel } from '../../model/data-model.ts'
import type { Link } from './links.ts'
import { tableSql } from './names.ts'
import type { RelatedRows } from './plan.ts'
import { recordIdSql } from './record-id-sql.ts'

/** The columns of a related table that say which row nearer to the mirrored record it belongs to. */
export function linkValueColumns(cause: RelatedRows): readonly string[] {
  const link = cause.links.at(-1) as Link
  if (link.kind !== 'join') return link.pairs.map((pair) => pair.far)
  return [cause.isJoinTable ? link.nearColumn : link.farKey]
}

/**
 * Changed rows of a related table, given as JSON, as {@link mirroredQuery} wants them.
 *
 * @param table the table, quoted
 * @param columns {@link linkValueColumns}
 * @param json SQL of an array of objects with these columns
 */
export function linkRowsSql(table: string, columns: readonly string[], json: string): string {
  const values = columns.map((column) => `k.${quoteIdentifier(column)}`).join(', ')
  const names = columns.map((_, at) => `v${at + 1}`).join(', ')
  return `(select ${values} from jsonb_populate_recordset(null::${table}, ${json}::text::jsonb) as k) as v (${names})`
}

/**
 * The mirrored records that show rows of a related table, found by going back along the relations: a query of
 * their ids and the operation `update`.
 *
 * @param values SQL of a relation called `v` with the values of {@link linkValueColumns} as v1, v2, ...
 */
export function mirroredQuery(
  dataModel: DataModel,
  schemas: Schemas,
  cause: RelatedRows,
  values: string,
): string {
  const last = cause.links.length - 1
  const joins: string[] = []
  // Joins lead from the last link back to the mirrored table, which is called r0.
  for (let at = last; at >= 0; at--) {
    const link = cause.links[at] as Link
    const near = `${tableSql(link.near, schemas)} r${at}`
    const values = at === last
    if (link.kind !== 'join') {
      const equal = link.pairs.map(
        (pair, position) =>
          `r${at}.${quoteIdentifier(pair.near)} = ${
            values ? `v.v${position + 1}` : `r${at + 1}.${quoteIdentifier(pair.far)}`
          }`,
      )
      joins.push(`join ${near} on ${equal.join(' and ')}`)
    } else if (values && cause.isJoinTable) {
      joins.push(`join ${near} on r${at}.${quoteIdentifier(link.nearKey)} = v.v1`)
    } else {
      const far = values ? 'v.v1' : `r${at + 1}.${quoteIdentifier(link.farKey)}`
      joins.push(`join ${tableSql(link.table, schemas)} j${at} on j${at}."${link.farColumn}" = ${far}`)
      joins.push(`join ${near} on r${at}.${quoteIdentifier(link.nearKey)} = j${at}."${link.nearColumn}"`)
    }
  }
  return `      -- ${cause.root.name} through ${cause.path}
      select distinct ${recordIdSql(dataModel, cause.root, 'r0')}, 'update'
      from ${values}
      ${joins.join('\n      ')}`
}
