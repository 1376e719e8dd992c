import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { handleApi, readBody } from './api/http.ts'
import { parseBody } from './api/serve.ts'
import type { Control } from './control/control.ts'
import { controlAnswer } from './control/control-api.ts'
import { ApiError } from './model/errors.ts'
import { servePage } from './page/page.ts'

/** A server that listens. */
export interface Listening {
  /** With a slash at the end. */
  readonly url: string
  readonly server: Server
  /** Ends all connections at once. */
  close(): Promise<void>
}

/** Starts the HTTP server: the API, the control API and the pages. @throws the system's error when the port is taken */
export async function listen(control: Control, host: string, port: number): Promise<Listening> {
  const server = createServer((request, response) => {
    handle(control, request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(500, { 'Content-Type': 'text/plain' })
      response.end(String(error))
    })
  })
  // Idle connections are kept: a client that reuses one while the server closes it would see a reset.
  server.keepAliveTimeout = 600_000
  server.headersTimeout = 610_000
  server.requestTimeout = 0
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  const { port: actual } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}/`,
    server,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function handle(control: Control, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://emulator')
  if (/^\/(?:v4|drive\/v3)\//.test(url.pathname)) return handleApi(control, request, response, url)
  try {
    if (request.method === 'GET' && servePage(control, url, response)) return
    if (url.pathname === '/token' && request.method === 'POST') {
      return sendJson(response, 200, tokenAnswer(await readBody(request)))
    }
    if (!url.pathname.startsWith('/control/')) throw new ApiError(404, 'NOT_FOUND', 'Not found.')
    assertSameOrigin(request)
    const text = await readBody(request)
    const body = text === '' ? undefined : parseBody(text)
    const path = url.pathname.slice('/control/'.length)
    return sendJson(response, 200, controlAnswer(control, request.method ?? 'GET', path, body))
  } catch (error) {
    const { code, status, message } =
      error instanceof ApiError ? error : new ApiError(500, 'INTERNAL', String(error))
    sendJson(response, code, { error: { code, message, status } })
  }
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const text = `${JSON.stringify(value, null, 2)}\n`
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Cache-Control': 'no-store',
  })
  response.end(text)
}

/** A page of another site may not act as a person here. Programs send no Origin. */
function assertSameOrigin({ headers }: IncomingMessage): void {
  if (headers.origin !== undefined && new URL(headers.origin).host !== headers.host) {
    throw new ApiError(403, 'PERMISSION_DENIED', 'The control API is closed to other sites.')
  }
}

/** Stands in for Google's token endpoint: any assertion gets a token, the same for the same service account. */
function tokenAnswer(form: string): object {
  const assertion = new URLSearchParams(form).get('assertion') ?? ''
  const payload = Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString()
  const issuer = /"iss":"([^"]+)"/.exec(payload)?.[1] ?? 'anonymous'
  return { access_token: `token-of-${issuer}`, expires_in: 3599, token_type: 'Bearer' }
}
