import { kindOf } from '../../config/describe.ts'
import { WritebackError } from '../../errors.ts'
import { canonicalJson } from '../documents/fingerprint.ts'
import { decimalOf, isSameNumber } from '../merge/decimal.ts'
import { type ApiTarget, isQuantity, type PlaceFields } from './target.ts'

/** A value as JSON has it, whatever it was: that is what is sent, stored, and compared. */
export function toJson(value: unknown): unknown {
  if (value === undefined) return undefined
  // A bigint has no JSON of its own.
  const text = JSON.stringify(value, (_name, inner: unknown) =>
    typeof inner === 'bigint' ? `${inner}` : inner,
  )
  return text === undefined ? undefined : JSON.parse(text)
}

/** Whether two values are the same as JSON; nothing and null are. */
export function isSame(a: unknown, b: unknown): boolean {
  return canonicalJson(a ?? null) === canonicalJson(b ?? null)
}

/** Whether two values of a field are the same; quantities as numbers, whatever their form. */
export function isSameValue(target: ApiTarget, name: string, a: unknown, b: unknown): boolean {
  const numbers = isQuantity(target, name) ? [decimalOf(a), decimalOf(b)] : []
  const [left, right] = numbers
  return left && right ? isSameNumber(left, right) : isSame(a, b)
}

/**
 * What the outside system is to have of a record.
 * @throws WritebackError `DOCUMENT_FAILED` for what a record can never be written with
 */
export function fieldsOf(target: ApiTarget, record: object): PlaceFields {
  const document: unknown = target.document(record as never)
  const isObject = typeof document === 'object' && document !== null && !Array.isArray(document)
  if (!isObject) throw failed(target, 'document', 'an object of values by name', kindOf(document))
  const given = document as PlaceFields
  for (const name of Object.keys(target.strategies)) {
    // A field that is misspelt would be written by another strategy than it was meant to be.
    if (!Object.hasOwn(given, name))
      throw failed(target, 'document', `a field ${name}, as "fields" says`, 'none')
    const value = given[name] ?? null
    if (isQuantity(target, name) && value !== null && decimalOf(value) === undefined)
      throw failed(target, `document: ${name}`, 'a number, a Decimal or null', kindOf(value))
  }
  return toJson(given) as PlaceFields
}

/**
 * What the outside system says that it has.
 * @throws WritebackError `DOCUMENT_FAILED` for what is no object
 */
export function fieldsIn(target: ApiTarget, what: string, value: unknown): PlaceFields {
  const json = toJson(value)
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as PlaceFields
  throw failed(target, what, 'an object of values by name', kindOf(value))
}

function failed({ name }: ApiTarget, what: string, expected: string, got: string): WritebackError {
  return new WritebackError('DOCUMENT_FAILED', { problem: `target ${name}: ${what}`, expected, got })
}
