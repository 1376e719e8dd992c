import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Registry } from 'prom-client'
import type { Health } from '../../src/operations/health.ts'
import { serveFetch } from './fetch-route.ts'

/** What the worker's port answers from. */
export interface TelemetryServerOptions {
  /** 0 for any free one. */
  readonly port: number
  readonly registry: Registry
  /** Resolves when the worker can do its work now; rejects, or takes long, when it cannot. */
  readonly ready: () => Promise<unknown>
  /** Whether all is well, and what is not; undefined when it cannot be told. */
  readonly health: () => Promise<Health | undefined>
  /** Takes the signals of scripts in spreadsheets; undefined where none are accepted. */
  readonly signals?: ((request: Request) => Promise<Response>) | undefined
}

/** The worker's port. */
export interface TelemetryServer {
  readonly port: number
  close(): Promise<void>
}

/** Where the script in a spreadsheet posts to. */
const SIGNALS_PATH = '/sheet-edits'

/** A check that takes longer has failed, in milliseconds: probes give up after a few seconds. */
const READY_WITHIN_MS = 2_000

/**
 * Serves `/metrics` (Prometheus text), `/healthz` (the process is alive: it answers), `/readyz` (it can work: the
 * database answers, and it is not leaving) and `/status` (the whole system, as `writeback status` judges it). With
 * `signals` it takes `POST /sheet-edits` as well.
 *
 * @throws the listen error, for example when the port is in use
 */
export async function startTelemetryServer({
  port,
  registry,
  ready,
  health,
  signals,
}: TelemetryServerOptions): Promise<TelemetryServer> {
  const routes: Record<string, (response: ServerResponse) => Promise<void>> = {
    '/metrics': async (response) => answer(response, 200, await registry.metrics(), registry.contentType),
    '/healthz': async (response) => answer(response, 200, 'ok\n'),
    '/readyz': async (response) => {
      const isReady = await within(ready(), READY_WITHIN_MS)
      answer(response, isReady ? 200 : 503, isReady ? 'ready\n' : 'not ready\n')
    },
    '/status': async (response) => {
      const found = await health()
      // A monitor that looks at the status code alone is told of what is broken.
      const status = found === undefined || found.verdict === 'broken' ? 503 : 200
      const answered = found ?? { verdict: 'unknown', complaints: [] }
      answer(response, status, `${JSON.stringify(answered)}\n`, 'application/json; charset=utf-8')
    },
  }
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0] ?? ''
    const route = routes[path]
    const fail = () => answer(response, 500, 'failed\n')
    if (path === SIGNALS_PATH && signals) serveFetch(signals, request, response).catch(fail)
    else if (route === undefined) answer(response, 404, 'not found\n')
    else if (request.method !== 'GET' && request.method !== 'HEAD') answer(response, 405, 'GET only\n')
    else route(response).catch(fail)
  })
  server.listen(port)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

function answer(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(text)
}

async function within(promise: Promise<unknown>, ms: number): Promise<boolean> {
  const { promise: late, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), ms)
  try {
    return await Promise.race([promise.then(() => true).catch(() => false), late])
  } finally {
    clearTimeout(timer)
  }
}
