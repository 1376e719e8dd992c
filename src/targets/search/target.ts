import type { Target } from '../../model/target.ts'
import type { ElasticClient } from './elastic/client.ts'
import type { ElasticSettings } from './elastic/settings.ts'
import type { MeilisearchClient } from './meilisearch/client.ts'
import type { MeilisearchSettings } from './meilisearch/settings.ts'
import type { PostgresClient } from './postgres/client.ts'
import type { PostgresSettings } from './postgres/settings.ts'
import type { TypesenseClient } from './typesense/client.ts'
import type { TypesenseSettings } from './typesense/settings.ts'

/** What each engine takes: the application's client, and the settings of an index. */
export interface Engines {
  readonly postgres: { readonly client: PostgresClient; readonly settings: PostgresSettings }
  readonly elasticsearch: { readonly client: ElasticClient; readonly settings: ElasticSettings }
  readonly opensearch: { readonly client: ElasticClient; readonly settings: ElasticSettings }
  readonly meilisearch: { readonly client: MeilisearchClient; readonly settings: MeilisearchSettings }
  readonly typesense: { readonly client: TypesenseClient; readonly settings: TypesenseSettings }
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
