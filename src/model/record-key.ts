import type { Field, Model } from './data-model.ts'

/** Types whose values have no exact text: 1.5 and 1.50 are one Decimal, a Float is rounded. */
const WITHOUT_TEXT: ReadonlySet<string> = new Set(['Float', 'Decimal', 'Json', 'Bytes'])

/** Digits of a second that Prisma Client reads and writes. */
const CLIENT_PRECISION = 3

/**
 * Why a field can be no part of a record's key: no text stands for each of its values, or Prisma Client cannot find a
 * record by what it reads. Null when it can.
 */
export function unusableAsKey(field: Field | undefined): string | null {
  if (field === undefined) return 'no such field'
  if (field.kind !== 'scalar' && field.kind !== 'enum') return `of type ${field.type}`
  if (field.isList) return `a list of ${field.type}`
  if (field.kind === 'enum') return null
  if (WITHOUT_TEXT.has(field.type)) return `of type ${field.type}`
  if (field.nativeType === 'Timetz') return '@db.Timetz, whose time zone Prisma Client does not read'
  if ((field.precision ?? 0) > CLIENT_PRECISION) {
    const { nativeType, precision } = field
    return `@db.${nativeType}(${precision}), which Prisma Client rounds to ${CLIENT_PRECISION} digits of a second`
  }
  return null
}

/** The first set of required fields by which a model without `@id` names its records; none is empty in any record. */
export function uniqueKey(
  uniques: readonly (readonly string[])[],
  fields: Readonly<Record<string, Field>>,
): readonly string[] {
  const required = uniques.filter((names) => names.every((name) => fields[name]?.isRequired))
  const usable = required.find((names) => names.every((name) => unusableAsKey(fields[name]) === null))
  return usable ?? required[0] ?? []
}

/** Fields that tell a model's records apart; a data model of an older generator has no key where there is no `@id`. */
export function keyFields({ primaryKey, uniques, fields }: Model): readonly string[] {
  return primaryKey.length > 0 ? primaryKey : uniqueKey(uniques, fields)
}
