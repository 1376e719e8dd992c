import {
  type Counter,
  type MeterProvider,
  metrics,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { QUEUES } from '../../queue/queues.ts'
import { ATTRIBUTES, METRICS, SCOPE, SYSTEM } from '../../tracing/names.ts'

const ATTRIBUTES_OF_SEND = {
  [ATTRIBUTES.system]: SYSTEM,
  [ATTRIBUTES.destination]: QUEUES.writeBack,
  [ATTRIBUTES.operationName]: 'send',
  [ATTRIBUTES.operationType]: 'send',
}

// Of the SDK that there is: an application may set it up after it imported this, and after its first write.
let sent: { readonly provider: MeterProvider; readonly counter: Counter } | undefined

function counterOfSent(): Counter {
  const provider = metrics.getMeterProvider()
  if (sent?.provider !== provider) {
    const { name, help } = METRICS.sent
    sent = { provider, counter: provider.getMeter(SCOPE).createCounter(name, { description: help }) }
  }
  return sent.counter
}

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
        counterOfSent().add(count, ATTRIBUTES_OF_SEND)
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
