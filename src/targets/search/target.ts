import type { Target } from '../../model/target.ts'
import type { PostgresClient } from './postgres/client.ts'
import type { PostgresSettings } from './postgres/settings.ts'

/** What each engine takes: the application's client, and the settings of an index. */
export interface Engines {
  readonly postgres: { readonly client: PostgresClient; readonly settings: PostgresSettings }
}

/** Names of the engines. */
export type EngineName = keyof Engines

/** An index of a search engine, as the worker sees it. */
export type SearchTarget<Engine extends EngineName = EngineName, Document = unknown> = {
  [Name in Engine]: Target & {
    readonly kind: 'search'
    readonly engine: Name
    readonly client: Engines[Name]['client']
    readonly settings: Engines[Name]['settings']
    /** Name of the index; for Postgres that of a table. */
    readonly index: string
    readonly document: ((record: never) => Document) | undefined
  }
}[Engine]
