import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { handleApi } from './api/http.ts'
import type { Control } from './control/control.ts'

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
  if (url.pathname.startsWith('/v4/')) return handleApi(control, request, response, url)
  response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' })
  response.end('Not found\n')
}
