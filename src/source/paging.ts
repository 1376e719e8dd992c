import type { Model } from '../model/data-model.ts'
import { whereKeys } from '../model/record-id.ts'
import { isOfAllRecords } from './read-failure.ts'

/** A record as Prisma Client gives it. */
export type RecordOfModel = Readonly<Record<string, unknown>>

/** What is used of a model's delegate. */
export interface Delegate {
  findMany(args: object): Promise<RecordOfModel[]>
}

/** Part of a table, in the order of the ids. */
export type Part =
  | { readonly kind: 'records'; readonly records: readonly RecordOfModel[] }
  /** Records some of which cannot be read: only their key fields. */
  | { readonly kind: 'keys'; readonly keys: readonly RecordOfModel[] }
  /** One record whose key cannot be read. */
  | { readonly kind: 'unnamed' }

/** Records without a readable key, one after another from the first on, after which all are taken for unreadable. */
const MAX_UNNAMED = 20

/**
 * Goes through a table in the order of its ids.
 * @param shown `select` or `include` of the queries
 * @param pageSize records in a part, at most
 * @throws the client's error when it is no record's
 */
export async function* positions(
  delegate: Delegate,
  model: Model,
  shown: object,
  pageSize: number,
): AsyncGenerator<Part, undefined> {
  const orderBy = model.primaryKey.map((name) => ({ [name]: 'asc' }))
  const keyOnly = { select: Object.fromEntries(model.primaryKey.map((name) => [name, true])) }
  /** Keys of the last part: the last of them that is still there is where the next one begins. */
  let behind: RecordOfModel[] = []
  /** Records behind that place whose key cannot be read. */
  let skip = 0
  let take = pageSize
  let hasReadAny = false
  for (;;) {
    const cursor = behind.at(-1)
    const place = cursor ? { cursor: uniqueWhere(model, cursor), skip: skip + 1 } : { skip }
    const part = await readPart(delegate, shown, keyOnly, { orderBy, take, ...place })
    if (part === undefined) {
      // A shorter part, until the record is alone.
      if (take > 1) {
        take = Math.ceil(take / 2)
        continue
      }
      skip++
      take = pageSize
      if (!hasReadAny && skip > MAX_UNNAMED) await delegate.findMany({ ...keyOnly, orderBy, take: 1 })
      yield { kind: 'unnamed' }
      continue
    }
    const keys = part.kind === 'records' ? part.records : part.keys
    if (keys.length === 0 && cursor && !(await isThere(delegate, model, keyOnly, cursor))) {
      // Prisma finds nothing behind a record that has been deleted.
      behind = behind.slice(0, -1)
      continue
    }
    if (keys.length > 0) {
      yield part
      hasReadAny = true
      behind = keys.map((record) => keyOf(model, record))
      skip = 0
    }
    if (keys.length < take) return undefined
    take = pageSize
  }
}

/** @returns undefined when not even the keys can be read */
async function readPart(
  delegate: Delegate,
  shown: object,
  keyOnly: object,
  args: object,
): Promise<Exclude<Part, { kind: 'unnamed' }> | undefined> {
  try {
    return { kind: 'records', records: await delegate.findMany({ ...shown, ...args }) }
  } catch (error) {
    if (isOfAllRecords(error)) throw error
  }
  try {
    return { kind: 'keys', keys: await delegate.findMany({ ...keyOnly, ...args }) }
  } catch (error) {
    if (isOfAllRecords(error)) throw error
    return undefined
  }
}

async function isThere(
  delegate: Delegate,
  model: Model,
  keyOnly: object,
  record: RecordOfModel,
): Promise<boolean> {
  const found = await delegate.findMany({ ...keyOnly, where: whereKeys(model, [keyOf(model, record)]) })
  return found.length > 0
}

function keyOf(model: Model, record: RecordOfModel): RecordOfModel {
  return Object.fromEntries(model.primaryKey.map((name) => [name, record[name]]))
}

/** The `where` that names one record, for `findUnique`, `update` and `delete`; and a cursor. */
export function uniqueWhere(model: Model, record: RecordOfModel): object {
  const key = keyOf(model, record)
  return model.primaryKey.length === 1 ? key : { [model.primaryKeyName ?? model.primaryKey.join('_')]: key }
}
