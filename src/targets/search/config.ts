import { z } from 'zod'
import { checkCommon, commonOptions, functionOfRecord, whereOf } from '../../config/target-options.ts'
import type { CommonTargetInput, RecordOf } from '../../config/typed.ts'
import { checked } from '../../config/zod-error.ts'
import { WritebackError } from '../../errors.ts'
import type { DataModel } from '../../model/data-model.ts'
import { isElasticClient } from './elastic/client.ts'
import { type ElasticSettingsInput, elasticIndexName, elasticSettingsSchema } from './elastic/settings.ts'
import { isMeilisearchClient } from './meilisearch/client.ts'
import {
  type MeilisearchSettings,
  meilisearchIndexName,
  meilisearchSettingsSchema,
} from './meilisearch/settings.ts'
import { isPostgresClient } from './postgres/client.ts'
import { type PostgresSettingsInput, postgresSettingsSchema, tableName } from './postgres/settings.ts'
import type { EngineName, Engines, SearchTarget } from './target.ts'
import { isTypesenseClient } from './typesense/client.ts'
import {
  type TypesenseSettingsInput,
  typesenseCollectionName,
  typesenseSettingsSchema,
} from './typesense/settings.ts'

/** Shape check of the options that every engine has; those of one engine are more exact. */
export const searchSchema = z.strictObject({
  ...commonOptions,
  document: functionOfRecord<unknown>().optional(),
  engine: z.enum(['postgres', 'elasticsearch', 'opensearch', 'meilisearch', 'typesense']),
  client: z.unknown().refine((given) => given !== undefined, 'expected the client of the engine'),
  index: z.string().min(1),
  settings: z.unknown().optional(),
})

const clientOf = <Client>(isOne: (given: unknown) => given is Client, expected: string) =>
  z.custom<Client>(isOne, `expected ${expected}`)

const elastic = {
  client: clientOf(isElasticClient, 'a Client of @elastic/elasticsearch or @opensearch-project/opensearch'),
  index: elasticIndexName,
  settings: elasticSettingsSchema,
}

/** Shape check of the options, by engine. */
const searchTargetSchema = z.discriminatedUnion('engine', [
  searchSchema.extend({
    engine: z.literal('postgres'),
    client: clientOf(isPostgresClient, 'a pool of pg, or what has its query(text, values)'),
    index: tableName,
    settings: postgresSettingsSchema,
  }),
  searchSchema.extend({ engine: z.literal('elasticsearch'), ...elastic }),
  searchSchema.extend({ engine: z.literal('opensearch'), ...elastic }),
  searchSchema.extend({
    engine: z.literal('meilisearch'),
    client: clientOf(isMeilisearchClient, 'a Meilisearch of meilisearch'),
    index: meilisearchIndexName,
    settings: meilisearchSettingsSchema,
  }),
  searchSchema.extend({
    engine: z.literal('typesense'),
    client: clientOf(isTypesenseClient, 'a Client of typesense'),
    index: typesenseCollectionName,
    settings: typesenseSettingsSchema,
  }),
])

/** Settings of an index, as written in a config file, by engine. */
export interface SettingsInput {
  readonly postgres: PostgresSettingsInput
  readonly elasticsearch: ElasticSettingsInput
  readonly opensearch: ElasticSettingsInput
  readonly meilisearch: MeilisearchSettings
  readonly typesense: TypesenseSettingsInput
}

/** A target as written in a config file. */
export interface SearchTargetInput<Client, Model, Include, Document, Engine extends EngineName>
  extends CommonTargetInput<Client, Model, Include> {
  /** The search engine: `postgres` is a table with an index for texts, in any Postgres database. */
  readonly engine: Engine
  /** Your own client of the engine: its address, credentials and TLS stay your business. The library closes none. */
  readonly client: Engines[Engine]['client']
  /** Name of the index, which is this target's alone; for Postgres a table, also as `schema.table`. It is made where it is missing. */
  readonly index: string
  /**
   * What the index has of a record: an object, as JSON. It must depend on nothing but the record: a record whose document
   * is as it was is not sent again.
   * @defaultValue the record, with what `include` adds
   */
  readonly document?: (record: RecordOf<Client, Model, Include>) => Document
  /** Settings of the index: applied by `writeback migrate` or at the first write, compared by `writeback doctor`. */
  readonly settings?: SettingsInput[Engine]
}

/**
 * Checks what was given to `searchTarget`.
 * @throws WritebackError `CONFIG_INVALID`
 */
export function resolveSearchTarget(dataModel: DataModel, input: unknown): SearchTarget {
  const where = whereOf('searchTarget', dataModel, input)
  const { document, ...parsed } = checked(searchTargetSchema, input, where)
  checkCommon(dataModel, where, parsed)
  return { kind: 'search', lane: `search:${parsed.name}`, fields: undefined, document, ...parsed }
}

/**
 * Two targets in one index would each take the other's documents for leftovers.
 * @throws WritebackError `CONFIG_INVALID`
 */
export function assertIndexesApart(targets: readonly SearchTarget[]): void {
  for (const [at, one] of targets.entries()) {
    const other = targets
      .slice(0, at)
      .find(({ client, index }) => client === one.client && index === one.index)
    if (other === undefined) continue
    throw new WritebackError('CONFIG_INVALID', {
      problem: `targets "${other.name}" and "${one.name}"`,
      expected: 'an index for each',
      got: `the same index, ${one.index}`,
      remedy: 'Give one of them another index',
    })
  }
}
