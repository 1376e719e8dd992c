import type { DataModel, Field, Model } from '../../model/data-model.ts'

/** Values of a row by column, as text that Postgres reads back into the column's type; null for NULL. */
export type ColumnValues = Readonly<Record<string, string | null>>

/**
 * The values of some fields of a record that Prisma Client read, by column.
 *
 * @param fields names of fields with a value of their own; one that the record does not hold is left out
 */
export function columnValues(
  dataModel: DataModel,
  model: Model,
  fields: readonly string[],
  record: Readonly<Record<string, unknown>>,
): ColumnValues {
  const values: Record<string, string | null> = {}
  for (const name of fields) {
    const field = model.fields[name]
    if (field === undefined || field.kind === 'relation' || record[name] === undefined) continue
    values[field.column] = toText(dataModel, field, record[name])
  }
  return values
}

function toText(dataModel: DataModel, field: Field, value: unknown): string | null {
  if (value === null) return null
  if (field.kind === 'enum') return dataModel.enums[field.type]?.values[String(value)] ?? String(value)
  // Postgres takes no notice of the Z where a column has no time zone; Prisma keeps UTC there.
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  // Numbers, bigints, booleans and Prisma's Decimal.
  return String(value)
}
