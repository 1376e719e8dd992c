import { canonicalJson, fingerprint } from '../documents/fingerprint.ts'
import { type Answer, call } from './call.ts'
import { fieldsIn } from './fields.ts'
import type { Intent } from './intent.ts'
import type { ApiTarget, GivenRecord, PlaceRecord, PutCall } from './target.ts'

/** The outside system, by the functions of the configuration. */
export interface Remote {
  get(id: string): Promise<Answer<PlaceRecord | null>>
  put(id: string, intent: Intent): Promise<Answer<unknown>>
  remove(id: string, ticket: bigint): Promise<Answer<unknown>>
  probe(): Promise<Answer<unknown>>
}

/** @param abort ends every call */
export function remoteOf(target: ApiTarget, abort: AbortSignal): Remote {
  const caller = { timeoutMs: target.timeoutMs, abort }
  return {
    async get(id) {
      const answer = await call(caller, async (signal) => recordIn(target, await target.get(id, { signal })))
      if (!answer.ok && answer.problem.kind === 'missing') return { ok: true, value: null }
      return answer
    },
    put: (id, intent) =>
      call(caller, (signal) => target.put(inOrder(intent.to) as never, { ...putCallOf(id, intent), signal })),
    remove: (id, ticket) =>
      call(caller, (signal) => {
        const idempotencyKey = fingerprint([target.name, id, 'remove', ticket.toString()], 32)
        return target.remove?.({ id, idempotencyKey, ticket, signal })
      }),
    probe: () => call(caller, (signal) => target.probe?.({ signal })),
  }
}

function putCallOf(id: string, { key, ticket, from, ifMatch, movements }: Intent): Omit<PutCall, 'signal'> {
  return {
    id,
    idempotencyKey: key,
    ticket: BigInt(ticket),
    place: from && inOrder(from),
    movements: inOrder(movements),
    ...(ifMatch !== undefined && { ifMatch }),
    ...(from === null && { ifNoneMatch: '*' as const }),
  }
}

/** With its fields in one order: Postgres keeps none, and a repeat has to be the same text. */
function inOrder<Fields extends object>(fields: Fields): Fields {
  return JSON.parse(canonicalJson(fields))
}

function recordIn(target: ApiTarget, given: unknown): PlaceRecord | null {
  if (given === null || given === undefined) return null
  const { fields, etag } = given as GivenRecord
  return {
    fields: fieldsIn(target, 'fields of get', fields),
    ...(etag !== undefined && etag !== null && { etag: String(etag) }),
  }
}
