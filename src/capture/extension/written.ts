import type { Model, RelationField } from '../../model/data-model.ts'
import { columnOf } from '../shown/links.ts'

/** Part of the arguments of a call, by name. */
export type Values = Readonly<Record<string, unknown>>

/** The columns that written data gives values to: by their fields, and by the relations that hold them. */
export function writtenColumns(model: Model, data: unknown): ReadonlySet<string> {
  const columns = new Set<string>()
  for (const one of objects(data))
    for (const { columns: of } of writesIn(model, one)) for (const column of of) columns.add(column)
  return columns
}

/** The columns that a record's data writes by another field than the given relation. */
export function writtenBeside(
  model: Model,
  data: Values,
  relation: RelationField | null,
): ReadonlySet<string> {
  return new Set(
    writesIn(model, data).flatMap(({ name, columns }) => (name === relation?.name ? [] : columns)),
  )
}

/** What each field of a record's data writes of the record's own row. */
function writesIn(
  model: Model,
  data: Values,
): { readonly name: string; readonly columns: readonly string[] }[] {
  return Object.entries(data).flatMap(([name, value]) => {
    const field = model.fields[name]
    if (field === undefined || value === undefined) return []
    const columns = field.kind === 'relation' ? field.from.map((own) => columnOf(model, own)) : [field.column]
    return [{ name, columns }]
  })
}

/**
 * The condition for the record that data refers to by the values of a foreign key; null where it gives none. Where it
 * gives a part of the key, all records with that part.
 */
export function referredByValue({ from, to }: RelationField, data: Values): Values | null {
  const values = from.map((name) => {
    const given = data[name]
    return isObject(given) && Object.getPrototypeOf(given) === Object.prototype ? given.set : given
  })
  if (values.includes(null)) return null
  const parts = to.flatMap((name, at) => (values[at] === undefined ? [] : [[name, values[at]] as const]))
  return parts.length === 0 ? null : Object.fromEntries(parts)
}

/** The nested operations of a relation's value, in the order in which Prisma runs them. */
export function operationsIn(value: Values): (readonly [operation: string, given: unknown])[] {
  return Object.entries(value).filter(([, given]) => given !== undefined && given !== false)
}

/**
 * Prisma's condition for one record as a condition for many: a compound key is spelled out.
 * `{ requestId_position: { requestId, position } }` becomes `{ requestId, position }`.
 */
export function asFilter(model: Model, where: Values): Values {
  const parts = Object.entries(where).map(([name, value]): Values => {
    const compound = !(name in model.fields) && !['AND', 'OR', 'NOT'].includes(name)
    return compound && isObject(value) ? value : { [name]: value }
  })
  return Object.assign({}, ...parts)
}

/** The `where` of a nested operation, or one that names nothing. */
export function whereOf(given: Values): Values {
  return isObject(given.where) ? given.where : {}
}

/** One object or a list of them, as a list. */
export function objects(given: unknown): Values[] {
  return [given].flat().filter(isObject)
}

export function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
