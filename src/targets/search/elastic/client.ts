/** A request, as the clients of Elasticsearch and OpenSearch take it. */
interface ElasticRequest {
  readonly method: string
  readonly path: string
  readonly body?: unknown
  readonly bulkBody?: string
  readonly querystring?: Readonly<Record<string, string>>
}

/** What is used of a client of Elasticsearch or OpenSearch. */
export interface ElasticClient {
  readonly transport: {
    // Parameters of a method may be narrower in a client's own type.
    request(params: never, options?: never): Promise<unknown>
  }
}

export function isElasticClient(given: unknown): given is ElasticClient {
  const transport =
    typeof given === 'object' && given !== null && 'transport' in given ? given.transport : null
  return (
    typeof transport === 'object' &&
    transport !== null &&
    'request' in transport &&
    typeof transport.request === 'function'
  )
}

/** What an answer has, whatever was asked. */
type Answer = Readonly<Record<string, unknown>>

/**
 * Makes a request.
 * @returns the body of the answer: the client of OpenSearch has it inside of one of its own
 */
export async function requestOf<Body = Answer>(
  { transport }: ElasticClient,
  request: ElasticRequest,
  signal?: AbortSignal,
): Promise<Body> {
  const send = transport.request.bind(transport) as (
    request: ElasticRequest,
    options?: { signal: AbortSignal },
  ) => Promise<unknown>
  const answer = await send(request, signal && { signal })
  const isWrapped =
    typeof answer === 'object' && answer !== null && 'statusCode' in answer && 'body' in answer
  return (isWrapped ? answer.body : answer) as Body
}

/** Status and error of an answer that a client has thrown; status 0 for none. */
export function answerOf(error: unknown): { readonly status: number; readonly error: EngineError } {
  const thrown = (typeof error === 'object' && error !== null ? error : {}) as {
    statusCode?: unknown
    body?: { error?: unknown }
    meta?: { statusCode?: unknown; body?: { error?: unknown } }
  }
  const status = Number(thrown.meta?.statusCode ?? thrown.statusCode ?? 0)
  const body = thrown.meta?.body ?? thrown.body
  const found = body?.error
  return {
    status,
    error: typeof found === 'object' && found !== null ? found : { reason: String(found ?? '') },
  }
}

/** How an engine tells of an error. */
export interface EngineError {
  readonly type?: string
  readonly reason?: string
  readonly caused_by?: EngineError
}

/** An error in the engine's words, its causes included. */
export function wordsOf({ type, reason, caused_by: cause }: EngineError): string {
  const own = [type, reason].filter(Boolean).join(': ')
  return cause ? `${own}; ${wordsOf(cause)}` : own
}
