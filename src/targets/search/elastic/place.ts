import type { PlaceEntry } from '../../documents/place.ts'
import { documentOf, type PlainDocument } from '../document.ts'
import { onceUntilItFails } from '../once.ts'
import type { SearchPlace } from '../place.ts'
import type { SearchTarget } from '../target.ts'
import { writeBulk } from './bulk.ts'
import { answerOf, requestOf } from './client.ts'
import { elasticFailure } from './failure.ts'
import { bodyOf, flatSettings, missingFrom, REMOVED_AT } from './settings.ts'

type ElasticTarget = SearchTarget<'elasticsearch' | 'opensearch'>

/** Documents in one request, at most. One that is too large in bytes is halved. */
const BATCH = 1_000
/** How long a tombstone stands, and how often old ones are looked for, in milliseconds. */
const TOMBSTONES_KEPT = '1d'
const SWEEP_EVERY_MS = 3_600_000
/** How long the engine keeps its place in a list between two pages. */
const KEEP_ALIVE = '2m'

interface Hit {
  readonly _id: string
  readonly _source: PlainDocument
}
interface Page {
  readonly _scroll_id: string
  readonly hits: { readonly hits: readonly Hit[] }
}

/** An index of Elasticsearch or OpenSearch: both take the same requests. */
export function elasticPlace({ client, index, settings }: ElasticTarget): SearchPlace<ElasticTarget> {
  const path = `/${encodeURIComponent(index)}`
  const { tombstones } = settings
  const wanted = bodyOf(settings)
  let sweptAt = Number.NEGATIVE_INFINITY

  /** What the index has; undefined where there is none. */
  const actual = async () => {
    try {
      const [[mapping], [setting]] = await Promise.all([
        requestOf(client, { method: 'GET', path: `${path}/_mapping` }).then(Object.values),
        requestOf(client, { method: 'GET', path: `${path}/_settings` }).then(Object.values),
      ])
      return { mappings: mapping?.mappings, settings: flatSettings(setting?.settings) }
    } catch (error) {
      if (answerOf(error).status === 404) return undefined
      throw error
    }
  }

  const missing = (there: { mappings: unknown; settings: unknown }) => ({
    mappings: missingFrom(wanted.mappings, there.mappings),
    settings: missingFrom(flatSettings(wanted.settings), there.settings),
  })

  const setUp = async () => {
    const there = await actual()
    if (there === undefined) {
      await requestOf(client, { method: 'PUT', path, body: wanted }).catch((error) => {
        // Another worker was faster.
        if (answerOf(error).error.type !== 'resource_already_exists_exception') throw error
      })
      return
    }
    const lacks = missing(there)
    if (lacks.mappings.length > 0)
      await requestOf(client, { method: 'PUT', path: `${path}/_mapping`, body: wanted.mappings })
    if (lacks.settings.length > 0)
      await requestOf(client, {
        method: 'PUT',
        path: `${path}/_settings`,
        body: pick(wanted.settings, lacks.settings),
      })
  }
  const ready = onceUntilItFails(setUp)

  const sweep = async () => {
    if (!tombstones || performance.now() - sweptAt < SWEEP_EVERY_MS) return
    sweptAt = performance.now()
    const query = { range: { [REMOVED_AT]: { lt: `now-${TOMBSTONES_KEPT}` } } }
    const querystring = { conflicts: 'proceed' }
    await requestOf(client, {
      method: 'POST',
      path: `${path}/_delete_by_query`,
      querystring,
      body: { query },
    })
  }

  return {
    noun: 'index',
    isExclusive: false,
    batchSize: BATCH,
    show: (one, record) => ({ document: documentOf(one, record) }),
    setUp,

    async differences() {
      const there = await actual()
      if (there === undefined) return [`index ${index} does not exist`]
      const { mappings, settings: lacking } = missing(there)
      return [
        ...mappings.map((name) => `index ${index} has another mapping ${name}`),
        ...lacking.map((name) => `index ${index} has another setting ${name}`),
      ]
    },

    async apply(_target, writes, { abort }) {
      await ready.run()
      try {
        const answers = await writeBulk({ client, index, tombstones }, writes, abort)
        if (writes.some(({ shown }) => shown === undefined)) await sweep()
        return answers
      } catch (error) {
        if (elasticFailure(error)?.code === 'PLACE_NOT_FOUND') ready.reset()
        throw error
      }
    },

    async probe(_target, { abort }) {
      await requestOf(client, { method: 'GET', path: '/' }, abort)
    },

    async *list(_target, pageSize, signal) {
      await ready.run()
      // What was written a moment ago is not searched yet.
      await requestOf(client, { method: 'POST', path: `${path}/_refresh` }, signal)
      const query = { bool: { must_not: [{ exists: { field: REMOVED_AT } }] } }
      const ask = { method: 'POST', path: `${path}/_search`, querystring: { scroll: KEEP_ALIVE } }
      let page = await requestOf<Page>(
        client,
        { ...ask, body: { size: pageSize, sort: ['_doc'], query } },
        signal,
      )
      try {
        while (page.hits.hits.length > 0) {
          yield page.hits.hits.map(({ _id: id, _source: document }): PlaceEntry => ({ id, document }))
          const body = { scroll: KEEP_ALIVE, scroll_id: page._scroll_id }
          page = await requestOf<Page>(client, { method: 'POST', path: '/_search/scroll', body }, signal)
        }
      } finally {
        const body = { scroll_id: [page._scroll_id] }
        await requestOf(client, { method: 'DELETE', path: '/_search/scroll', body }).catch(() => {})
      }
    },

    async read(id) {
      try {
        const { _source: document } = await requestOf<Hit>(client, {
          ...{ method: 'GET', path: `${path}/_doc/${encodeURIComponent(id)}` },
        })
        return REMOVED_AT in document ? undefined : document
      } catch (error) {
        if (answerOf(error).status === 404) return undefined
        throw error
      }
    },

    failureOf: elasticFailure,
  }
}

/** Some of the settings, by their full names. */
function pick(settings: unknown, names: readonly string[]): Record<string, unknown> {
  const flat = flatSettings(settings)
  return Object.fromEntries(names.map((name) => [name, flat[name]]))
}
