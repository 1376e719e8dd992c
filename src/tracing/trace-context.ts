import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api'

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/

/** The span that is active now; undefined where the application has set up no tracing. */
export function activeSpan(): Span | undefined {
  return trace.getActiveSpan()
}

/**
 * The W3C `traceparent` of a span, or undefined for one that is not valid. It is written by hand, and not by the
 * application's propagator: a job carries this one format.
 */
export function traceparentOf(span: Span): string | undefined {
  const { traceId, spanId, traceFlags } = span.spanContext()
  if (!trace.isSpanContextValid(span.spanContext())) return undefined
  return `00-${traceId}-${spanId}-${(traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, '0')}`
}

/** The span that a `traceparent` names; undefined for text that is none. */
export function spanContextOf(traceparent: string | undefined): SpanContext | undefined {
  const match = TRACEPARENT.exec(traceparent ?? '')
  if (!match) return undefined
  const [, traceId = '', spanId = '', flags = '00'] = match
  const context = {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED,
    isRemote: true,
  }
  return trace.isSpanContextValid(context) ? context : undefined
}

/** A context whose spans continue the trace of that span. */
export function continuing(spanContext: SpanContext): Context {
  return trace.setSpanContext(ROOT_CONTEXT, spanContext)
}
