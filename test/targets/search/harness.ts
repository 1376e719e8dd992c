import { Client as Elastic } from '@elastic/elasticsearch'
import { Client as OpenSearch } from '@opensearch-project/opensearch'
import { Meilisearch } from 'meilisearch'
import { Client as Typesense } from 'typesense'
import type { EngineName, Engines, SettingsInput } from '../../../src/index.ts'
import { ElasticModel } from './servers/elastic.ts'
import type { Faults } from './servers/http.ts'
import { MeilisearchModel } from './servers/meilisearch.ts'
import { TypesenseModel } from './servers/typesense.ts'

/** Engines that are not Postgres. */
export type Served = Exclude<EngineName, 'postgres'>

/** An engine: a model of it in this process, or a real server. All is seen through its official client. */
export interface Harness<Name extends Served = Served> {
  readonly client: Engines[Name]['client']
  readonly settings: SettingsInput[Name]
  /** The model; undefined for a real server. */
  readonly model: Faults | undefined
  /** Every document, by id. */
  documents(index: string): Promise<Record<string, Record<string, unknown>>>
  /** Writes a document as somebody else. */
  put(index: string, id: string, document: Record<string, unknown>): Promise<unknown>
  remove(index: string, id: string): Promise<unknown>
  close(): Promise<void>
}

/** SEARCH_ENGINE=meilisearch SEARCH_URL=http://127.0.0.1:7700 SEARCH_KEY=... runs the tests against a real server. */
export const realUrl = (name: Served) =>
  process.env.SEARCH_ENGINE === name ? process.env.SEARCH_URL : undefined
const key = process.env.SEARCH_KEY ?? 'none'

const without = (name: string, { [name]: _, ...rest }: Record<string, unknown>) => rest

/** Starts a model, unless a real server is named. */
async function started<Model extends Faults & { start(): Promise<{ url: string; close(): Promise<void> }> }>(
  name: Served,
  make: () => Model,
) {
  const url = realUrl(name)
  if (url !== undefined) return { url, model: undefined, close: async () => {} }
  const model = make()
  return { ...(await model.start()), model }
}

async function elastic(name: 'elasticsearch' | 'opensearch'): Promise<Harness<'elasticsearch'>> {
  const { url, model, close } = await started(name, () => new ElasticModel())
  const options = { node: url, maxRetries: 0, requestTimeout: 10_000 }
  const client = name === 'elasticsearch' ? new Elastic(options) : new OpenSearch(options)
  const ask = async (method: string, path: string, body?: object) => {
    const transport = client.transport as { request(params: object): Promise<unknown> }
    const answer = await transport.request({ method, path, ...(body && { body }) })
    return (name === 'opensearch' ? (answer as { body: unknown }).body : answer) as Record<string, unknown>
  }
  return {
    client,
    model,
    settings: { mappings: { properties: { size: { type: 'integer' } } } },
    async documents(index) {
      await ask('POST', `/${index}/_refresh`)
      const found = await ask('POST', `/${index}/_search`, { size: 10_000, query: { match_all: {} } })
      const { hits } = found.hits as { hits: { _id: string; _source: Record<string, unknown> }[] }
      return Object.fromEntries(hits.map(({ _id, _source }) => [_id, _source]))
    },
    put: (index, id, document) => ask('PUT', `/${index}/_doc/${id}`, document),
    remove: (index, id) => ask('DELETE', `/${index}/_doc/${id}`),
    async close() {
      await client.close()
      await close()
    },
  }
}

async function meilisearch(): Promise<Harness<'meilisearch'>> {
  const { url, model, close } = await started('meilisearch', () => new MeilisearchModel())
  const client = new Meilisearch({ host: url, apiKey: key })
  return {
    client,
    model,
    settings: { searchableAttributes: ['name', 'city'], filterableAttributes: ['size'] },
    async documents(index) {
      const { results } = await client.index(index).getDocuments({ limit: 100_000 })
      return Object.fromEntries(results.map((one) => [String(one.id), without('id', one)]))
    },
    put: (index, id, document) =>
      client
        .index(index)
        .addDocuments([{ ...document, id }], { primaryKey: 'id' })
        .waitTask(),
    remove: (index, id) => client.index(index).deleteDocuments([id]).waitTask(),
    close,
  }
}

async function typesense(): Promise<Harness<'typesense'>> {
  const { url, model, close } = await started('typesense', () => new TypesenseModel())
  const { hostname: host, port, protocol } = new URL(url)
  const client = new Typesense({
    nodes: [{ host, port: Number(port), protocol: protocol.replace(':', '') }],
    ...{ apiKey: key, numRetries: 0, connectionTimeoutSeconds: 10, logLevel: 'silent' },
  })
  const documents = (index: string) => client.collections(index).documents()
  return {
    client,
    model,
    settings: {
      fields: [
        { name: 'name', type: 'string' },
        { name: 'size', type: 'int32', optional: true },
      ],
    },
    async documents(index) {
      const lines = await documents(index).export()
      const all = lines
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Record<string, unknown>)
      return Object.fromEntries(all.map((one) => [String(one.id), without('id', one)]))
    },
    put: (index, id, document) => documents(index).import([{ ...document, id }], { action: 'upsert' }),
    remove: (index, id) => client.collections(index).documents(id).delete(),
    close,
  }
}

/** Opens an engine. */
export function openHarness(name: Served): Promise<Harness> {
  switch (name) {
    case 'elasticsearch':
    case 'opensearch':
      return elastic(name) as Promise<Harness>
    case 'meilisearch':
      return meilisearch() as Promise<Harness>
    case 'typesense':
      return typesense() as Promise<Harness>
  }
}
