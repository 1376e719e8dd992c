import type { IncomingHttpHeaders } from 'node:http'
import type { Article, Articles, Kept } from './articles.ts'
import { FAULTS, type FaultOrder, type Faults } from './faults.ts'
import { add, isQuantity } from './quantity.ts'

/** Everything that a call works with. */
export interface Warehouse {
  readonly articles: Articles
  readonly faults: Faults
  readonly features: { keys: boolean; etags: boolean }
  /** Calls about articles so far, by method. */
  readonly calls: Record<string, number>
  /** What people moved since the service was started, by article. */
  readonly moved: Record<string, string>
}

export interface Call {
  readonly method: string
  readonly path: readonly string[]
  readonly query: URLSearchParams
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Answer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

const PAGE_SIZE = 100
const MAX_NAME = 80

/** Carries out a call, at once: nothing else happens in between. */
export function handle(warehouse: Warehouse, call: Call): Answer {
  const [first, id, last] = call.path
  if (first === 'control' && call.method === 'POST') return control(warehouse, call)
  if (first === 'control')
    return { status: 200, body: { calls: warehouse.calls, moved: warehouse.moved, ...warehouse.features } }
  if (first !== 'articles' || call.path.length > 3) return { status: 404, body: { error: 'no such address' } }
  if (id === undefined) return call.method === 'GET' ? list(warehouse, call) : { status: 405 }
  if (last === 'movements') return call.method === 'POST' ? move(warehouse, call, id) : { status: 405 }
  switch (call.method) {
    case 'GET': {
      const article = warehouse.articles.get(id)
      return article ? { ...shown(warehouse, article), status: 200 } : missing()
    }
    case 'PUT':
      return put(warehouse, call, id)
    case 'DELETE':
      return remove(warehouse, id)
    default:
      return { status: 405 }
  }
}

function list({ articles }: Warehouse, { query }: Call): Answer {
  const after = query.get('after') ?? ''
  const size = Math.min(Number(query.get('limit') ?? PAGE_SIZE), 1000)
  const page = articles
    .all()
    .filter(({ id }) => id > after)
    .slice(0, size)
  const next = page.length === size ? page.at(-1)?.id : undefined
  return {
    status: 200,
    body: {
      articles: page.map(({ id, fields }) => ({ id, ...fields })),
      ...(next !== undefined && { next }),
    },
  }
}

function put(warehouse: Warehouse, call: Call, id: string): Answer {
  const kept = keptAnswer(warehouse, call)
  if (kept) return kept
  const { articles, features } = warehouse
  const article = articles.get(id)
  const ifMatch = call.headers['if-match']
  const isStale = ifMatch !== undefined && ifMatch !== (article && etagOf(article))
  const isThere = call.headers['if-none-match'] === '*' && article !== undefined
  if (features.etags && (isStale || isThere))
    return { status: 412, body: { error: 'the article is another one by now' } }
  const fields = parsed(call.text)
  if (fields === undefined) return { status: 400, body: { error: 'expected a JSON object' } }
  const { id: _id, ...rest } = fields
  if (rest.stock !== null && rest.stock !== undefined && !isQuantity(rest.stock))
    return { status: 422, body: { error: 'stock is no quantity' } }
  if (typeof rest.name === 'string' && rest.name.length > MAX_NAME)
    return { status: 422, body: { error: `a name has at most ${MAX_NAME} letters` } }
  return written(warehouse, call, id, rest, article ? 200 : 201)
}

/** What people in the warehouse do: something goes in or out. */
function move(warehouse: Warehouse, call: Call, id: string): Answer {
  const kept = keptAnswer(warehouse, call)
  if (kept) return kept
  const article = warehouse.articles.get(id)
  if (!article) return missing()
  const { by } = parsed(call.text) ?? {}
  const stock = article.fields.stock ?? 0
  if (!isQuantity(by) || !isQuantity(stock)) return { status: 422, body: { error: 'by is no quantity' } }
  warehouse.moved[id] = String(add(warehouse.moved[id] ?? '0', by))
  return written(warehouse, call, id, { ...article.fields, stock: add(stock, by) }, 200)
}

function remove({ articles }: Warehouse, id: string): Answer {
  if (!articles.get(id)) return missing()
  articles.write(id, null)
  return { status: 204 }
}

function written(
  warehouse: Warehouse,
  call: Call,
  id: string,
  fields: Article['fields'],
  status: number,
): Answer {
  const key = warehouse.features.keys ? keyOf(call) : undefined
  const keep = (article: Article): Kept => ({
    status,
    body: { id, ...article.fields },
    etag: etagOf(article),
  })
  const article = warehouse.articles.write(id, fields, key, keep)
  return { ...shown(warehouse, article), status }
}

/** What a call with the same key was answered. */
function keptAnswer({ articles, features }: Warehouse, call: Call): Answer | undefined {
  const key = features.keys ? keyOf(call) : undefined
  const kept = key === undefined ? undefined : articles.answerTo(key)
  if (!kept) return undefined
  const { status, body, etag } = kept
  return { status, body, headers: { 'idempotent-replayed': 'true', ...(etag && features.etags && { etag }) } }
}

function control({ faults, features, articles }: Warehouse, { path, text }: Call): Answer {
  const given = parsed(text) ?? {}
  switch (path[1]) {
    case 'faults': {
      const { faults: names } = given
      const isKnown =
        Array.isArray(names) && names.every((name) => (FAULTS as readonly unknown[]).includes(name))
      if (!isKnown) return { status: 422, body: { error: `expected faults of ${FAULTS.join(', ')}` } }
      faults.order(given as unknown as FaultOrder)
      return { status: 204 }
    }
    case 'calm':
      faults.clear()
      return { status: 204 }
    case 'forget':
      articles.forgetAnswers()
      return { status: 204 }
    case 'features':
      if (typeof given.keys === 'boolean') features.keys = given.keys
      if (typeof given.etags === 'boolean') features.etags = given.etags
      return { status: 204 }
    default:
      return missing()
  }
}

function shown({ features }: Warehouse, article: Article): Omit<Answer, 'status'> {
  const body = { id: article.id, ...article.fields }
  return { body, ...(features.etags && { headers: { etag: etagOf(article) } }) }
}

const etagOf = ({ version }: Article) => `"${version}"`

const missing = (): Answer => ({ status: 404, body: { error: 'no such article' } })

function keyOf({ headers }: Call): string | undefined {
  const key = headers['idempotency-key']
  return typeof key === 'string' ? key : undefined
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>
  } catch {
    // Said by what calls it.
  }
  return undefined
}
