import type { Operation } from '../../change/change.ts'
import type { Model } from '../../model/data-model.ts'
import { encodeRecordId } from '../../model/record-id.ts'
import type { ChangedRecord } from '../../queue/publish.ts'
import { columnOf } from '../shown/links.ts'
import type { HookCall } from './seam.ts'
import { isObject, type Values, writtenColumns } from './written.ts'

/**
 * The records that a write changes, where its arguments alone tell: a `where` by id, or data that brings the
 * id. Null where they do not.
 */
export function changesNamedByArguments(model: Model, call: HookCall): ChangedRecord[] | null {
  const { where, data, create, update } = (call.args ?? {}) as Record<string, Values | Values[] | undefined>
  const named = (operation: Operation, ...keys: readonly (Values | null)[]): ChangedRecord[] | null => {
    if (keys.includes(null)) return null
    const ids = new Set((keys as readonly Values[]).map((key) => encodeRecordId(model, key)))
    return [...ids].map((id) => ({ model: model.name, id, operation }))
  }
  const old = keyIn(model, where as Values)
  switch (call.operation) {
    case 'create':
      return named('create', keyIn(model, data as Values))
    case 'createMany':
    case 'createManyAndReturn':
      return named('create', ...([data].flat() as Values[]).map((one) => keyIn(model, one)))
    case 'delete':
      return named('delete', old)
    case 'update':
      return named('update', old, keyAfter(model, old, data as Values))
    case 'upsert':
      return named('upsert', old, keyIn(model, create as Values), keyAfter(model, old, update as Values))
    default:
      return null
  }
}

/** The id among the given values, which may be a `where`. */
export function idNamedIn(model: Model, values: Values | undefined): string | null {
  const key = keyIn(model, values)
  return key && encodeRecordId(model, key)
}

/** The key among the given values: the key fields themselves, or Prisma's object for a compound key. */
function keyIn(model: Model, values: Values | undefined): Values | null {
  if (values === undefined || values === null) return null
  const candidates = [values, ...Object.values(values)]
  for (const candidate of candidates) {
    if (typeof candidate !== 'object' || candidate === null) continue
    const key = candidate as Values
    if (!model.primaryKey.every((name) => isPlain(key[name]))) continue
    // A value nested under a relation or another unique is no key of this record.
    if (candidate !== values && model.primaryKey.length === 1) continue
    return Object.fromEntries(model.primaryKey.map((name) => [name, key[name]]))
  }
  return null
}

/** The key that an update leaves a record with; null where another record, or the database, decides on it. */
function keyAfter(model: Model, old: Values | null, data: Values | undefined): Values | null {
  const written = writtenColumns(model, data)
  const key = { ...old }
  for (const name of model.primaryKey) {
    if (!written.has(columnOf(model, name))) continue
    const value = data?.[name]
    const given = isObject(value) && 'set' in value ? value.set : value
    if (!isPlain(given)) return null
    key[name] = given
  }
  return old && key
}

function isPlain(value: unknown): boolean {
  return value instanceof Date || ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}
