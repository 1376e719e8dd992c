import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Articles } from './articles.ts'
import { Faults } from './faults.ts'
import { type Answer, type Call, handle, type Warehouse } from './handle.ts'
import { PAGE } from './page.ts'

/** Options of the service. */
export interface ServiceOptions {
  /** @defaultValue any free one */
  readonly port?: number
  /** Where it keeps its articles; in memory without. */
  readonly file?: string | undefined
  /** Whether it knows idempotency keys. @defaultValue true */
  readonly keys?: boolean
  /** Whether it has versions: ETag, If-Match. @defaultValue true */
  readonly etags?: boolean
}

/** A running service. */
export interface StockService {
  readonly url: string
  close(): Promise<void>
}

/** How long a call hangs that gets no answer. */
const HANG_MS = 60_000

/** Starts a small warehouse system, which other people change too, and which fails when it is asked to. */
export async function startStockService(options: ServiceOptions = {}): Promise<StockService> {
  const warehouse: Warehouse = {
    articles: new Articles(options.file),
    faults: new Faults(),
    features: { keys: options.keys ?? true, etags: options.etags ?? true },
    calls: {},
    moved: {},
  }
  const stopped = new AbortController()
  const server = createServer((request, response) => {
    respond(warehouse, request, response, stopped.signal).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      stopped.abort()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

async function respond(
  warehouse: Warehouse,
  request: IncomingMessage,
  response: ServerResponse,
  stopped: AbortSignal,
): Promise<void> {
  const call = await callOf(request)
  if (call.path[0] === undefined && call.method === 'GET') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE)
    return
  }
  const isArticle = call.path[0] === 'articles'
  if (isArticle) warehouse.calls[call.method] = (warehouse.calls[call.method] ?? 0) + 1
  // What people do by the page, or in a test, is no call of the application's.
  const isPerson = request.headers['x-person'] !== undefined
  const trouble = isArticle && !isPerson ? warehouse.faults.next(call.method, call.path[1]) : undefined
  const wait = (ms: number) => sleep(ms, undefined, { signal: stopped }).catch(() => {})
  switch (trouble?.fault) {
    case 'error-before':
      return send(response, { status: 500, body: { error: 'something broke' } })
    case 'error-after':
      handle(warehouse, call)
      return send(response, { status: 500, body: { error: 'something broke' } })
    case 'reset-before':
      return void response.destroy()
    case 'reset-after':
      handle(warehouse, call)
      return void response.destroy()
    case 'hang-before':
      await wait(HANG_MS)
      return void response.destroy()
    case 'hang-after':
      handle(warehouse, call)
      await wait(HANG_MS)
      return void response.destroy()
    case 'late':
      response.destroy()
      await wait(trouble.ms)
      handle(warehouse, call)
      return
    case 'limit':
      return send(response, {
        status: 429,
        body: { error: 'too many calls' },
        headers: { 'retry-after': '1' },
      })
    case 'away':
      return send(response, { status: 503, body: { error: 'closed for stocktaking' } })
    case 'refused':
      return send(response, { status: 422, body: { error: 'the article is locked' } })
    case 'race': {
      const [, id = ''] = call.path
      if (warehouse.articles.get(id))
        handle(warehouse, {
          ...call,
          method: 'POST',
          path: ['articles', id, 'movements'],
          text: '{"by":"-1"}',
          headers: {},
        })
      break
    }
    case 'slow':
      await wait(trouble.ms)
      break
    case undefined:
  }
  send(response, handle(warehouse, call))
}

function send(response: ServerResponse, { status, body, headers }: Answer): void {
  if (response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(body === undefined ? '' : JSON.stringify(body))
}

async function callOf(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const url = new URL(request.url ?? '/', 'http://localhost')
  return {
    method: request.method ?? 'GET',
    path: url.pathname.split('/').filter(Boolean).map(decodeURIComponent),
    query: url.searchParams,
    headers: request.headers,
    text: Buffer.concat(chunks).toString(),
  }
}
