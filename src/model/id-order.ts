import type { Model } from './data-model.ts'
import { decodeRecordId } from './record-id.ts'

/**
 * An order of a model's records by their ids: numbers by their value, everything else by its text, compound keys field by
 * field. Text that is no id of the model comes last.
 *
 * @example ['10', '9', '1'].sort(byRecordId(model)) // ['1', '9', '10'] for an Int id
 */
export function byRecordId(model: Model): (a: string, b: string) => number {
  const known = new Map<string, readonly Comparable[]>()
  const valuesOf = (id: string) => {
    const values = known.get(id) ?? comparable(model, id)
    known.set(id, values)
    return values
  }
  return (a, b) => {
    const [left, right] = [valuesOf(a), valuesOf(b)]
    if (left.length !== right.length) return right.length - left.length
    for (const [at, value] of left.entries()) {
      const other = right[at] as Comparable
      if (value !== other) return value < other ? -1 : 1
    }
    return 0
  }
}

type Comparable = number | bigint | string | boolean

function comparable(model: Model, id: string): readonly Comparable[] {
  try {
    const values = decodeRecordId(model, id)
    return model.primaryKey.map((name) => {
      const value = values[name]
      return value instanceof Date ? value.getTime() : (value as Comparable)
    })
  } catch {
    return []
  }
}
