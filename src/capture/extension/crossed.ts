import type { Model } from '../../model/data-model.ts'
import { columnOf, type Link } from '../shown/links.ts'
import { farColumns } from './grown.ts'
import { asFilter, objects, type Values, whereOf } from './written.ts'

/*
 * Prisma carries out a nested `deleteMany`, `updateMany` or `set` by the ids of the linked records, and of ids of several
 * fields it compares each field apart (seen with 7.10): for A1 and B2 it deletes `kind in ('A', 'B') and number in (1, 2)`.
 * A2 and B1 go with them, whoever's they are. So these are read before the write as well.
 */

/** Nested operations that do so at a list. */
export const CROSSING: ReadonlySet<string> = new Set(['deleteMany', 'set', 'updateMany'])

/** The key fields that are compared apart, with the values that the call gives them; null where it does not tell all. */
export type Crossed = ReadonlyMap<string, readonly unknown[] | null>

/** The values that a call gives to the keys of records, by model. */
export class GivenKeys {
  readonly #data = new Map<string, { readonly data: Values; readonly exists: boolean }[]>()
  readonly #moved = new Map<string, Set<string>>()

  /** @param exists whether the data is of records that are there, and keep the key fields that it does not name */
  give(model: Model, list: readonly Values[], exists: boolean): void {
    const all = this.#data.get(model.name) ?? []
    this.#data.set(model.name, all)
    for (const data of list) all.push({ data, exists })
  }

  /** The database changes columns of a model's records along with others. */
  move(model: Model, columns: readonly string[]): void {
    this.#moved.set(model.name, new Set([...(this.#moved.get(model.name) ?? []), ...columns]))
  }

  /** The fields of the far key that are compared apart, of records which a relation leads to. */
  crossed(link: Link): Crossed {
    return new Map(fieldsApart(link).map((name) => [name, this.#of(link.far, name)]))
  }

  #of(model: Model, name: string): readonly unknown[] | null {
    if (this.#moved.get(model.name)?.has(columnOf(model, name))) return null
    const found: unknown[] = []
    for (const { data, exists } of this.#data.get(model.name) ?? []) {
      const given = valueIn(model, name, data)
      if (given !== undefined) found.push(given)
      else if (!exists || isWritten(model, name, data)) return null
    }
    return found
  }
}

/** The fields of the far key that do not follow from the link, where there are several: none of them tells the others. */
export function fieldsApart(link: Link): readonly string[] {
  if (link.kind !== 'held') return []
  const { far } = link
  const linking = new Set(farColumns(link))
  const apart = far.primaryKey.filter((name) => !linking.has(columnOf(far, name)))
  // Records with the whole foreign key in their key are linked to the same one.
  const isWhole = far.primaryKey.length - apart.length === linking.size
  return apart.length < 2 || isWhole ? [] : apart
}

/** Whether no field is known of the records that may be linked. */
export function tellsNothing(crossed: Crossed): boolean {
  return [...crossed.values()].every((given) => given === null)
}

/**
 * The condition for the records that Prisma may take for linked ones.
 * @param known records of the model that may be linked
 * @returns null where there can be none but those
 */
export function whereCrossed(crossed: Crossed, known: readonly Values[]): Values | null {
  if (tellsNothing(crossed)) return null
  const parts = [...crossed].map(([name, given]) => {
    return [name, given && distinct([...given, ...known.map((record) => record[name])])] as const
  })
  if (parts.filter(([, values]) => values === null || values.length > 1).length < 2) return null
  return Object.fromEntries(parts.flatMap(([name, values]) => (values ? [[name, { in: values }]] : [])))
}

/** The value that data gives to a field, by itself or by a relation; undefined where it does not tell. */
function valueIn(model: Model, name: string, data: Values): unknown {
  const given = data[name]
  if (given !== undefined) return isPlain(given) ? given : (given as Values).set
  for (const { field, value, at } of relationsOf(model, name, data)) {
    const [one] = objects(value)
    const far = field.to[at] ?? ''
    const [connected] = [...objects(one?.connect), ...objects(one?.connectOrCreate).map(whereOf)]
    const referred = connected ? asFilter(model, connected)[far] : objects(one?.create)[0]?.[far]
    if (isPlain(referred)) return referred
  }
  return undefined
}

/** Whether data gives a value to a field. */
function isWritten(model: Model, name: string, data: Values): boolean {
  return data[name] !== undefined || relationsOf(model, name, data).length > 0
}

/** The relations in data whose foreign key has the field. */
function relationsOf(model: Model, name: string, data: Values) {
  return Object.entries(data).flatMap(([of, value]) => {
    const field = model.fields[of]
    if (field?.kind !== 'relation' || value === undefined) return []
    const at = field.from.indexOf(name)
    return at < 0 ? [] : [{ field, value, at }]
  })
}

/** Whether a value stands for itself: an object literal is an operation on what is there. */
function isPlain(value: unknown): boolean {
  if (value === null || value === undefined) return false
  return typeof value !== 'object' || Object.getPrototypeOf(value) !== Object.prototype
}

function distinct(values: readonly unknown[]): unknown[] {
  const byText = new Map(
    values.map((value) => [value instanceof Date ? value.toISOString() : `${value}`, value]),
  )
  return [...byText.values()]
}
