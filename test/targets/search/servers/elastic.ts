import { type Answer, Faults, type Request, serve } from './http.ts'

interface Entry {
  readonly version: bigint
  /** Undefined for a deleted document whose version is remembered. */
  readonly source: Record<string, unknown> | undefined
}

/** A field of a mapping. */
interface Mapping {
  readonly type?: string
}

class Index {
  readonly entries = new Map<string, Entry>()
  /** What searches see: the entries of the last refresh. */
  seen = new Map<string, Entry>()
  mappings: { properties?: Record<string, Mapping> } = {}
  settings: Record<string, unknown> = {}
}

/**
 * A small model of what Elasticsearch and OpenSearch document of `_bulk`, external versions, mappings, scrolling: enough for
 * their official clients to talk to.
 */
export class ElasticModel extends Faults {
  readonly #indexes = new Map<string, Index>()
  readonly #scrolls = new Map<string, [string, Entry][]>()
  /** Items that are refused with 429 before the engine has room again. */
  crowded = 0
  /** True while the disk is nearly full. */
  isFlooded = false

  start() {
    return serve(this, { 'x-elastic-product': 'Elasticsearch' }, (request) => this.#answer(request))
  }

  /** Forgets the versions of deleted documents, as `index.gc_deletes` has it. */
  forgetDeletes(): void {
    for (const { entries } of this.#indexes.values())
      for (const [id, { source }] of entries) if (source === undefined) entries.delete(id)
  }

  #answer({ method, path: [first = '', second, third], text }: Request): Answer {
    const body = () => JSON.parse(text || '{}') as Record<string, unknown>
    if (first === '') return ok({ version: { number: '9.5.0', build_flavor: 'default' }, tagline: 'model' })
    if (first === '_search') return method === 'DELETE' ? ok({}) : this.#page(String(body().scroll_id), 0)
    if (second === '_bulk') return this.#bulk(this.#make(first), text)
    if (second === undefined && method === 'PUT') {
      if (this.#indexes.has(first))
        return refused(400, 'resource_already_exists_exception', `index [${first}] already exists`)
      const { mappings = {}, settings = {} } = body() as {
        mappings?: object
        settings?: Record<string, unknown>
      }
      Object.assign(this.#make(first), { mappings, settings })
      return ok({ acknowledged: true })
    }
    const index = this.#indexes.get(first)
    if (index === undefined) return refused(404, 'index_not_found_exception', `no such index [${first}]`)
    if (second === undefined && method === 'DELETE') {
      this.#indexes.delete(first)
      return ok({ acknowledged: true })
    }
    switch (second) {
      case '_mapping':
        if (method === 'PUT') return changeMapping(index, body())
        return ok({ [first]: { mappings: index.mappings } })
      case '_settings':
        if (method === 'PUT') Object.assign(index.settings, body())
        return ok({ [first]: { settings: { index: withoutPrefix(index.settings) } } })
      case '_refresh':
        index.seen = new Map(index.entries)
        return ok({})
      case '_search': {
        const id = String(this.#scrolls.size)
        this.#scrolls.set(
          id,
          [...index.seen].filter(([, { source }]) => source && !('writeback_removed_at' in source)),
        )
        return this.#page(id, Number(body().size ?? 10))
      }
      case '_delete_by_query':
        for (const [key, { source }] of index.entries) if (source && isOld(source)) index.entries.delete(key)
        return ok({})
      case '_doc':
        return this.#document(index, method, third ?? '', body)
      default:
        return refused(405, 'method_not_allowed', second ?? '')
    }
  }

  /** The requests of people, who send no version of their own. */
  #document(index: Index, method: string, id: string, body: () => Record<string, unknown>): Answer {
    const there = index.entries.get(id)
    const version = (there?.version ?? 0n) + 1n
    if (method === 'PUT') index.entries.set(id, { version, source: body() })
    if (method === 'DELETE') index.entries.set(id, { version, source: undefined })
    if (method !== 'GET') return ok({ _id: id, result: 'updated' })
    if (there?.source === undefined) return { status: 404, body: { _id: id, found: false } }
    return ok({ _id: id, found: true, _version: Number(there.version), _source: there.source })
  }

  #make(name: string): Index {
    const index = this.#indexes.get(name) ?? new Index()
    this.#indexes.set(name, index)
    return index
  }

  #page(id: string, size: number): Answer {
    const rest = this.#scrolls.get(id.split(':')[0] ?? '') ?? []
    const count = size || Number(id.split(':')[1])
    const hits = rest.splice(0, count).map(([_id, { source }]) => ({ _id, _source: source }))
    return ok({ _scroll_id: `${id.split(':')[0]}:${count}`, hits: { hits } })
  }

  #bulk(index: Index, text: string): Answer {
    this.writes++
    const lines = text.split('\n').filter(Boolean)
    const items: object[] = []
    for (let at = 0; at < lines.length; at++) {
      const [[action, meta]] = Object.entries(JSON.parse(lines[at] as string)) as [
        [string, { _id: string; version_type?: string }],
      ]
      if (Buffer.byteLength(meta._id) > 512)
        return refused(400, 'illegal_argument_exception', 'id is too long, must be no longer than 512 bytes')
      const source =
        action === 'index' ? (JSON.parse(lines[++at] as string) as Record<string, unknown>) : undefined
      // Numbers of JavaScript are too short for a version.
      const version = BigInt(/"version":(\d+)/.exec(lines[at - (source ? 1 : 0)] as string)?.[1] ?? 0)
      items.push({ [action]: { _id: meta._id, ...this.#item(index, meta._id, version, source) } })
    }
    return ok({ errors: items.some((item) => 'error' in (Object.values(item)[0] as object)), items })
  }

  #item(index: Index, id: string, version: bigint, source: Record<string, unknown> | undefined): object {
    if (this.isFlooded)
      return failed(
        403,
        'cluster_block_exception',
        'index blocked by: [FORBIDDEN/12/disk usage exceeded flood-stage watermark]',
      )
    if (this.crowded > 0) {
      this.crowded--
      return failed(429, 'es_rejected_execution_exception', 'rejected execution of coordinating operation')
    }
    const there = index.entries.get(id)
    if (there && there.version >= version) {
      const words = `[${id}]: version conflict, current version [${there.version}] is higher or equal to the one provided [${version}]`
      return failed(409, 'version_conflict_engine_exception', words)
    }
    const wrong = source && wrongField(index, source)
    if (wrong) {
      const reason = `failed to parse field [${wrong.name}] of type [${wrong.type}] in document with id '${id}'. Preview of field's value: '${wrong.value}'`
      const cause = { type: 'illegal_argument_exception', reason: `For input string: "${wrong.value}"` }
      return { status: 400, error: { type: 'document_parsing_exception', reason, caused_by: cause } }
    }
    index.entries.set(id, { version, source })
    if (source === undefined)
      return there?.source ? { status: 200, result: 'deleted' } : { status: 404, result: 'not_found' }
    return { status: there?.source ? 200 : 201, result: there?.source ? 'updated' : 'created' }
  }
}

const ok = (body: object): Answer => ({ status: 200, body })
const failed = (status: number, type: string, reason: string) => ({ status, error: { type, reason } })
const refused = (status: number, type: string, reason: string): Answer => ({
  status,
  body: { error: { type, reason, root_cause: [{ type, reason }] }, status },
})

function changeMapping(index: Index, { properties = {} }: { properties?: Record<string, Mapping> }): Answer {
  for (const [name, { type }] of Object.entries(properties)) {
    const there = index.mappings.properties?.[name]?.type
    if (there !== undefined && there !== type) {
      const words = `mapper [${name}] cannot be changed from type [${there}] to [${type}]`
      return refused(400, 'illegal_argument_exception', words)
    }
  }
  index.mappings = { ...index.mappings, properties: { ...index.mappings.properties, ...properties } }
  return ok({ acknowledged: true })
}

function wrongField({ mappings }: Index, source: Record<string, unknown>) {
  for (const [name, { type = 'object' }] of Object.entries(mappings.properties ?? {})) {
    const value = source[name]
    if (value === undefined || value === null) continue
    if (/^(integer|long|float|double)$/.test(type) && Number.isNaN(Number(value)))
      return { name, type, value }
  }
  return undefined
}

const isOld = ({ writeback_removed_at: at }: Record<string, unknown>) =>
  typeof at === 'string' && Date.parse(at) < Date.now() - 86_400_000

/** Settings as the engine gives them back: as texts, without the prefix of their names. */
const withoutPrefix = (settings: Record<string, unknown>) =>
  Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [name.replace(/^index\./, ''), String(value)]),
  )
