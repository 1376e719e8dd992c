import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A request, as the models of search engines take it. */
export interface Request {
  readonly method: string
  /** Parts of the path, decoded. */
  readonly path: readonly string[]
  readonly query: URLSearchParams
  readonly text: string
}

/** An answer: JSON unless it is a text. */
export interface Answer {
  readonly status: number
  readonly body: unknown
}

/** What all models can be told to do. */
export class Faults {
  /** Answers every request with this, while it is set. */
  down: Answer | undefined
  /** Bodies above this are refused with 413. */
  maxBytes = Number.POSITIVE_INFINITY
  /** Requests that write documents. */
  writes = 0
}

/** Serves a model of an engine over HTTP on a free port. */
export async function serve(
  faults: Faults,
  headers: Readonly<Record<string, string>>,
  answerTo: (request: Request) => Answer,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const { pathname, searchParams: query } = new URL(incoming.url ?? '/', 'http://model')
    const path = pathname.split('/').filter(Boolean).map(decodeURIComponent)
    const request = { method: incoming.method ?? 'GET', path, query, text: body.toString() }
    const answer =
      faults.down ??
      (body.length > faults.maxBytes ? { status: 413, body: { message: 'too large' } } : answerTo(request))
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body)
    const type = typeof answer.body === 'string' ? 'text/plain' : 'application/json'
    outgoing.writeHead(answer.status, { ...headers, 'content-type': type })
    outgoing.end(request.method === 'HEAD' ? undefined : text)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
