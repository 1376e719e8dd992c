import type { CommonTargetInput, RecordOf } from '../../config/typed.ts'
import type {
  ApiStrategy,
  FieldStrategy,
  GivenRecord,
  PlaceFields,
  PutCall,
  ReadCall,
  RemoveCall,
} from './target.ts'

/** An outside system of record, as written in a config file. */
export interface ApiTargetInput<Client, Model, Include, Document extends object>
  extends CommonTargetInput<Client, Model, Include> {
  /**
   * What the outside system is to have of a record, by the names that `get` uses. It must depend on nothing but the
   * record. Other fields of the outside system are its own: they are neither compared nor merged.
   */
  readonly document: (record: RecordOf<Client, Model, Include>) => Document
  /**
   * Reads one record of the outside system; null where there is none. An error with a `status` of 404 means the same.
   * @example
   * get: async (id, { signal }) => {
   *   const response = await fetch(`${url}/articles/${id}`, { signal })
   *   if (response.status === 404) return null
   *   if (!response.ok) throw response
   *   return { fields: await response.json(), etag: response.headers.get('etag') }
   * }
   */
  readonly get: (
    id: string,
    call: ReadCall,
  ) => GivenRecord | null | undefined | Promise<GivenRecord | null | undefined>
  /**
   * Writes one record: `fields` are those of `document`, merged, as plain JSON. What it throws should carry the `status`
   * of the answer (a `Response` does); docs/targets/api.md says what becomes of each.
   */
  readonly put: (fields: { readonly [Name in keyof Document]: unknown }, call: PutCall) => unknown
  /** Removes one record; one that is not there is no error. Instead of `tombstone`; with neither, it stays as it is. */
  readonly remove?: (call: RemoveCall) => unknown
  /**
   * What is `put` when the record was deleted, for a system that deletes nothing: a stock of 0.
   * @param fields what `get` returned
   */
  readonly tombstone?: (fields: PlaceFields) => { readonly [Name in keyof Document]?: unknown }
  /**
   * Goes through all records of the outside system, in pages, for the comparison. Without it, what others change there is
   * seen when the record is next written.
   */
  readonly list?: (options: {
    pageSize: number
    signal: AbortSignal
  }) => AsyncIterable<readonly (GivenRecord & { readonly id: string })[]>
  /** One small call that throws while the system is away. */
  readonly probe?: (call: ReadCall) => unknown
  /**
   * What happens to a value that somebody changed in the outside system.
   * @defaultValue 'database-wins'
   */
  readonly conflict?: ApiStrategy
  /** What happens to single fields; `delta` for quantities, of which both sides' movements count. */
  readonly fields?: { readonly [Name in keyof Document]?: FieldStrategy }
  /**
   * For how long the outside system remembers an idempotency key and answers its repeat as it did the first time. With it
   * a lost answer is found out exactly.
   * @defaultValue 0: it knows no such keys
   */
  readonly keysKeptHours?: number
  /**
   * Calls at a time.
   * @defaultValue 4
   */
  readonly concurrency?: number
  /**
   * Milliseconds that a call may take.
   * @defaultValue 20000
   */
  readonly timeoutMs?: number
}
