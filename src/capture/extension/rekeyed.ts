import type { DataModel, Model } from '../../model/data-model.ts'
import { columnOf, type KeyLink } from '../shown/links.ts'
import { type ColumnValues, columnValues } from './column-values.ts'
import { mayMisplaceKey } from './misplaced-keys.ts'
import type { RowFound, RowQuery } from './rows.ts'
import type { Tracked, TrackedTable } from './tracked.ts'
import type { TransactionReader } from './transaction-reader.ts'
import { isUsableValue } from './usable-values.ts'
import { asFilter, isObject, objects, operationsIn, type Values, whereOf } from './written.ts'

/*
 * An update can change the key of its record through a relation that the key is, or has a part of. Prisma then
 * answers with nothing, though the record is there under its new key: that key is found by the record that the
 * relation leads to.
 */

/** Where the parts of a record's new key come from. */
export interface Rekeyed {
  readonly table: TrackedTable
  /** Values that the data itself gives to columns of the key. */
  readonly given: ColumnValues
  /** Records of other tables that the key may have its values from now, named by a unique. */
  readonly sources: readonly KeySource[]
  /** Whether the key may have other values too. */
  readonly unknown: boolean
}

interface KeySource {
  readonly link: KeyLink
  readonly table: TrackedTable
  /** Values of columns that are unique together. */
  readonly unique: ColumnValues
}

/** Where the new key of an updated record comes from, or null when no relation changes it. */
export function rekeyedBy(tracked: Tracked, model: Model, data: unknown): Rekeyed | null {
  const table = tracked.table(model)
  const sources: KeySource[] = []
  let given: ColumnValues = {}
  let unknown = false
  let byRelation = false
  for (const [name, value] of objects(data).flatMap((one) => Object.entries(one))) {
    const field = model.fields[name]
    if (field === undefined || value === undefined) continue
    if (field.kind !== 'relation') {
      if (!table.key.includes(field.column)) continue
      const values = plainValues(tracked.dataModel, model, [name], { [name]: value })
      if (values) given = { ...given, ...values }
      else unknown = true
      continue
    }
    if (field.from.length === 0 || !isObject(value)) continue
    const link = tracked.link(model, field)
    if (link.kind !== 'holds' || !link.pairs.some(({ near }) => table.key.includes(near))) continue
    const far = tracked.table(link.far)
    for (const [operation, one] of operationsIn(value)) {
      byRelation = true
      for (const unique of uniquesAfter(tracked.dataModel, link, operation, one)) {
        if (unique) sources.push({ link, table: far, unique })
        else unknown = true
      }
    }
  }
  return byRelation ? { table, given, sources, unknown } : null
}

/**
 * Finds a record whose key changed.
 *
 * @param old its columns from before
 * @returns the record as it is now; none when it is gone, or its key not to be known
 */
export async function findRekeyed(
  reader: TransactionReader,
  { table, given, sources }: Rekeyed,
  old: ColumnValues,
): Promise<readonly RowFound[]> {
  const found = await reader.rows(sources.map(bySelf))
  const possible = new Map(table.key.map((column) => [column, new Set([old[column] ?? null])]))
  for (const [column, value] of Object.entries(given)) possible.get(column)?.add(value)
  for (const { query, values } of found) {
    for (const { near, far } of sources[query]?.link.pairs ?? []) possible.get(near)?.add(values[far] ?? null)
  }
  const keys = [...possible].reduce<ColumnValues[]>(
    (all, [column, values]) =>
      all.flatMap((key) => [...values].map((value) => ({ ...key, [column]: value }))),
    [{}],
  )
  return reader.rows([{ table, by: { kind: 'same' }, from: keys, writtenOnly: true }])
}

function bySelf({ table, unique }: KeySource): RowQuery {
  const pairs = Object.keys(unique).map((column) => ({ near: column, far: column }))
  return { table, by: { kind: 'linked', pairs }, from: [unique] }
}

/** The records at the far end that an operation may leave the key with; null for one that no unique names. */
function uniquesAfter(
  dataModel: DataModel,
  link: KeyLink,
  operation: string,
  given: unknown,
): (ColumnValues | null)[] {
  const { far } = link
  const named = (values: unknown) => objects(values).map((one) => uniqueIn(dataModel, far, one))
  const changed = (data: unknown) => objects(data).flatMap((one) => referredAfter(dataModel, link, one))
  switch (operation) {
    case 'connect':
      return objects(given).map((where) => uniqueIn(dataModel, far, asFilter(far, where)))
    case 'create':
      return named(given)
    case 'connectOrCreate':
      return objects(given).flatMap((one) => [
        uniqueIn(dataModel, far, asFilter(far, whereOf(one))),
        ...named(one.create),
        ...(mayMisplaceKey(dataModel, far, one) ? [null] : []),
      ])
    case 'update':
      return objects(given).flatMap((one) => changed(isObject(one.data) ? one.data : one))
    case 'upsert':
      return objects(given).flatMap((one) => [...named(one.create), ...changed(one.update)])
    default:
      return []
  }
}

/** The columns that a key refers to, as an update of the record at the far end leaves them; none when it does not. */
function referredAfter(dataModel: DataModel, { far, pairs }: KeyLink, data: Values): (ColumnValues | null)[] {
  const referred = Object.values(far.fields).flatMap((field) => {
    const columns = field.kind === 'relation' ? field.from.map((own) => columnOf(far, own)) : [field.column]
    return data[field.name] !== undefined &&
      columns.some((column) => pairs.some((pair) => pair.far === column))
      ? [field.name]
      : []
  })
  if (referred.length === 0) return []
  // Of several columns the others keep values that are not known here.
  return [referred.length === pairs.length ? plainValues(dataModel, far, referred, data) : null]
}

/** The first unique of a model whose fields are all among the values. */
function uniqueIn(dataModel: DataModel, model: Model, values: Values): ColumnValues | null {
  for (const unique of [model.primaryKey, ...model.uniques]) {
    const found = unique.length > 0 ? plainValues(dataModel, model, unique, values) : null
    if (found) return found
  }
  return null
}

/** The values of fields by column, or null when one is not given as a plain value. */
function plainValues(
  dataModel: DataModel,
  model: Model,
  names: readonly string[],
  values: Values,
): ColumnValues | null {
  const plain: Record<string, unknown> = {}
  for (const name of names) {
    const field = model.fields[name]
    const value = isSet(values[name]) ? values[name].set : values[name]
    if (field === undefined || field.kind === 'relation' || value === undefined || value === null) return null
    if (isObject(value) && !isScalar(value)) return null
    // No key has what Postgres refuses, and to look for it would fail.
    if (!isUsableValue(dataModel, field, value)) return null
    plain[name] = field.kind === 'scalar' && field.type === 'DateTime' ? new Date(value as string) : value
    // What is no date is the caller's mistake, which Prisma is to report.
    if (String(plain[name]) === 'Invalid Date') return null
  }
  return columnValues(dataModel, model, names, plain)
}

function isSet(value: unknown): value is { set: unknown } {
  return isObject(value) && Object.getPrototypeOf(value) === Object.prototype && 'set' in value
}

/** Dates, bytes and Prisma's decimals, beside operations such as `{ increment: 1 }`. */
function isScalar(value: object): boolean {
  return (
    value instanceof Date || value instanceof Uint8Array || Object.getPrototypeOf(value) !== Object.prototype
  )
}
