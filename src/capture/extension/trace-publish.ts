import { type Counter, metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { QUEUES } from '../../queue/queues.ts'
import { ATTRIBUTES, METRICS, SCOPE, SYSTEM } from '../../tracing/names.ts'

const ATTRIBUTES_OF_SEND = {
  [ATTRIBUTES.system]: SYSTEM,
  [ATTRIBUTES.destination]: QUEUES.writeBack,
  [ATTRIBUTES.operationName]: 'send',
  [ATTRIBUTES.operationType]: 'send',
}

// Made at the first use: an application sets its SDK up before that, and not always before it imports this.
let sent: Counter | undefined

/**
 * Runs the statement that publishes, in a span of its own where the application has set up tracing, and counts.
 * @param count changed records
 * @param work publishes; its result is passed through
 */
export async function tracePublish<Result>(count: number, work: () => Promise<Result>): Promise<Result> {
  const tracer = trace.getTracer(SCOPE)
  const attributes = { ...ATTRIBUTES_OF_SEND, [ATTRIBUTES.batchCount]: count }
  return await tracer.startActiveSpan(
    `send ${QUEUES.writeBack}`,
    { kind: SpanKind.PRODUCER, attributes },
    async (span) => {
      try {
        const result = await work()
        sent ??= metrics.getMeter(SCOPE).createCounter(METRICS.sent.name, { description: METRICS.sent.help })
        sent.add(count, ATTRIBUTES_OF_SEND)
        return result
      } catch (error) {
        const name = error instanceof Error ? error.name : 'Error'
        span.setAttribute(ATTRIBUTES.errorType, name)
        span.setStatus({ code: SpanStatusCode.ERROR, message: name })
        throw error
      } finally {
        span.end()
      }
    },
  )
}
