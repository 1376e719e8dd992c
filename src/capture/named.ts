import type { Operation } from '../change/change.ts'
import type { Model } from '../model/data-model.ts'
import { encodeRecordId } from '../model/record-id.ts'
import type { ChangedRecord } from '../queue/publish.ts'
import type { HookCall } from './seam.ts'

type Values = Readonly<Record<string, unknown>>

/**
 * The records that a write changes, where its arguments alone tell: a `where` by id, or data that brings the
 * id. Null where they do not.
 */
export function changesNamedByArguments(model: Model, call: HookCall): ChangedRecord[] | null {
  const { where, data, create, update } = (call.args ?? {}) as Record<string, Values | Values[] | undefined>
  const named = (operation: Operation, ...sources: (Values | undefined)[]): ChangedRecord[] | null => {
    const ids = sources.map((source) => idNamedIn(model, source))
    if (ids.some((id) => id === null)) return null
    return [...new Set(ids as string[])].map((id) => ({ model: model.name, id, operation }))
  }
  switch (call.operation) {
    case 'create':
      return named('create', data as Values)
    case 'createMany':
    case 'createManyAndReturn':
      return named('create', ...([data].flat() as Values[]))
    case 'delete':
      return named('delete', where as Values)
    case 'update': {
      const moves = idNamedIn(model, data as Values) !== null
      return moves ? named('update', where as Values, data as Values) : named('update', where as Values)
    }
    case 'upsert': {
      const moves = idNamedIn(model, update as Values) !== null
      return named('upsert', where as Values, create as Values, ...(moves ? [update as Values] : []))
    }
    default:
      return null
  }
}

/** The id among the given values, which may be a `where`: the key fields themselves, or Prisma's object for a compound key. */
export function idNamedIn(model: Model, values: Values | undefined): string | null {
  if (values === undefined || values === null) return null
  const candidates = [values, ...Object.values(values)]
  for (const candidate of candidates) {
    if (typeof candidate !== 'object' || candidate === null) continue
    const key = candidate as Values
    if (!model.primaryKey.every((name) => isPlain(key[name]))) continue
    // A value nested under a relation or another unique is no key of this record.
    if (candidate !== values && model.primaryKey.length === 1) continue
    return encodeRecordId(model, key)
  }
  return null
}

function isPlain(value: unknown): boolean {
  return value instanceof Date || ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}
