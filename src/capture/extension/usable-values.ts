import type { DataModel, Field, Model } from '../../model/data-model.ts'
import { parseKeyValue } from '../../model/key-value.ts'
import { isObject } from './written.ts'

/*
 * A value that Postgres does not take for its column (text that is no UUID, a number out of range) fails the query that
 * has it, and with it the transaction. A call may hold such a value where the plain client never sends it: in the branch
 * of an upsert that is not needed. Capture reads before the write and must not be what sends it.
 */

/** Conditions of a filter on a relation; without them the filter stands alone. */
const ON_RELATIONS: ReadonlySet<string> = new Set(['is', 'isNot', 'some', 'every', 'none'])

/** Larger numbers do not fit into every type (`real`, `money`). */
const LARGEST_NUMBER = 1e15

/** Whether Postgres takes all values of a `where` for certain. False where that is not known. */
export function isUsableWhere(dataModel: DataModel, model: Model, where: unknown): boolean {
  if (Array.isArray(where)) return where.every((one) => isUsableWhere(dataModel, model, one))
  if (!isObject(where)) return true
  return Object.entries(where).every(([name, value]) => {
    const field = model.fields[name]
    // No field is AND, OR or NOT, or holds the values of a compound key.
    if (field === undefined) return isUsableWhere(dataModel, model, value)
    if (field.kind !== 'relation') return isUsableValue(dataModel, field, value)
    const far = dataModel.models[field.type]
    return far === undefined || isUsableRelation(dataModel, far, value)
  })
}

function isUsableRelation(dataModel: DataModel, far: Model, filter: unknown): boolean {
  if (!isObject(filter)) return true
  return Object.entries(filter).every(([name, value]) =>
    isUsableWhere(dataModel, far, ON_RELATIONS.has(name) ? value : { [name]: value }),
  )
}

/** Whether Postgres takes a value of a field for certain, or all values of a filter on it. */
export function isUsableValue(dataModel: DataModel, field: Field, value: unknown): boolean {
  if (value === null || value === undefined || value instanceof Uint8Array) return true
  if (Array.isArray(value)) return value.every((one) => isUsableValue(dataModel, field, one))
  if (value instanceof Date)
    return !Number.isNaN(value.getTime()) && isUsableText(dataModel, field, value.toISOString())
  if (isObject(value) && Object.getPrototypeOf(value) === Object.prototype)
    return Object.values(value).every((one) => isUsableValue(dataModel, field, one))
  return isUsableText(dataModel, field, String(value))
}

function isUsableText(dataModel: DataModel, field: Field, text: string): boolean {
  if (field.kind === 'scalar' && (field.type === 'Float' || field.type === 'Decimal'))
    return Math.abs(Number(text)) < LARGEST_NUMBER
  const hasText = !text.includes('\0') && text.isWellFormed()
  return hasText && 'value' in parseKeyValue(field, text, dataModel.enums)
}
