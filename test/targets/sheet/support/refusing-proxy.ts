import { once } from 'node:events'
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Decides, perhaps after a while, whether a call is refused: the API's message, or undefined to let it pass. */
export type Refuse = (call: {
  readonly url: string
  readonly body: string
}) => string | undefined | Promise<string | undefined>

/** A server in front of the emulator that refuses calls as the API does, with status 400. */
export interface RefusingProxy {
  readonly url: string
  close(): Promise<void>
}

export async function startRefusingProxy(target: string, refuse: Refuse): Promise<RefusingProxy> {
  const server = createServer((incoming, response) => void handle(target, refuse, incoming, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function handle(
  target: string,
  refuse: Refuse,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const body = Buffer.concat(chunks)
  const message = await refuse({ url: incoming.url ?? '', body: body.toString() })
  if (message !== undefined) {
    const error = { code: 400, message, status: 'INVALID_ARGUMENT' }
    response.writeHead(400, { 'content-type': 'application/json; charset=UTF-8' })
    response.end(`${JSON.stringify({ error }, null, 2)}\n`)
    return
  }
  const { host: _, ...headers } = incoming.headers
  const onward = request(
    new URL(incoming.url ?? '/', target),
    { method: incoming.method, headers },
    (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.headers)
      answer.pipe(response)
    },
  )
  onward.on('error', () => response.destroy())
  onward.end(body)
}
