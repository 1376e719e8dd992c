import { quoteIdentifier, quoteLiteral } from '../../database/quote.ts'
import type { DataModel, EnumModel, Field, Model, ScalarField } from '../../model/data-model.ts'

/**
 * The SQL that makes of a row the text that `encodeRecordId` makes of its record.
 *
 * @param alias what the row is called in the query
 */
export function recordIdSql(dataModel: DataModel, model: Model, alias: string): string {
  const parts = model.primaryKey.map((name) => {
    const field = model.fields[name] as Field
    return { sql: partSql(dataModel, field, alias), needsEscape: mayHoldSeparator(field) }
  })
  if (parts.length === 1) return parts[0]?.sql as string
  return parts.map(({ sql, needsEscape }) => (needsEscape ? escapedSql(sql) : sql)).join(" || '|' || ")
}

function partSql(dataModel: DataModel, field: Field, alias: string): string {
  if (field.kind === 'relation') throw new TypeError(`a relation (${field.name}) is no part of an id`)
  const column = `${alias}.${quoteIdentifier(field.column)}`
  if (field.kind === 'enum') return enumSql(dataModel.enums[field.type], column)
  if (field.kind === 'scalar' && field.type === 'DateTime') return dateSql(field, column)
  if (field.kind === 'scalar' && field.type === 'String') return stringSql(field, column)
  return `${column}::text`
}

/** Prisma's names for the stored values; a value that was added since is taken as it is. */
function enumSql(model: EnumModel | undefined, column: string): string {
  const renamed = Object.entries(model?.values ?? {}).filter(([name, stored]) => name !== stored)
  if (renamed.length === 0) return `${column}::text`
  const cases = renamed.map(([name, stored]) => `when ${quoteLiteral(stored)} then ${quoteLiteral(name)}`)
  return `case ${column}::text ${cases.join(' ')} else ${column}::text end`
}

/** ISO 8601 in UTC with milliseconds, as `Date.toISOString` writes it. */
function dateSql(field: ScalarField, column: string): string {
  const full = `'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'`
  switch (field.nativeType) {
    case 'Date':
      return `to_char(${column}, 'YYYY-MM-DD"T00:00:00.000Z"')`
    case 'Timestamptz':
      return `to_char(${column} at time zone 'UTC', ${full})`
    // Prisma reads a time as that time on the first day of 1970, and takes no notice of its zone.
    case 'Time':
    case 'Timetz':
      return `to_char('1970-01-01'::date + ${column}::time, ${full})`
    default:
      return `to_char(${column}, ${full})`
  }
}

/**
 * `concat` writes a value as Postgres sends it to a client. A cast to text differs from that for some types:
 * it takes the padding off `char(n)` and adds the mask to `inet`.
 */
function stringSql(field: ScalarField, column: string): string {
  const sameAsCast = [null, 'Text', 'VarChar', 'Uuid'].includes(field.nativeType)
  return sameAsCast ? `${column}::text` : `concat(${column})`
}

function mayHoldSeparator(field: Field): boolean {
  return field.kind === 'enum' || (field.kind === 'scalar' && field.type === 'String')
}

function escapedSql(sql: string): string {
  return `replace(replace(${sql}, E'\\\\', E'\\\\\\\\'), '|', E'\\\\|')`
}
