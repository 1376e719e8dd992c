import { context, metrics, SpanKind, trace } from '@opentelemetry/api'
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics'
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createWorkerTelemetry, type HandledJob } from '../../../jobs/telemetry/worker-telemetry.ts'
import { tracePublish } from '../../../src/capture/extension/trace-publish.ts'
import { currentContext, runWithContext } from '../../../src/index.ts'
import { spanContextOf } from '../../../src/tracing/trace-context.ts'

let spans: InMemorySpanExporter
let points: InMemoryMetricExporter
let provider: NodeTracerProvider
let meters: MeterProvider

beforeEach(() => {
  // What was shut down records nothing any more.
  spans = new InMemorySpanExporter()
  points = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE)
  provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
  provider.register()
  meters = new MeterProvider({
    readers: [new PeriodicExportingMetricReader({ exporter: points, exportIntervalMillis: 3_600_000 })],
  })
  metrics.setGlobalMeterProvider(meters)
})
afterEach(async () => {
  trace.disable()
  context.disable()
  metrics.disable()
  await provider.shutdown()
  await meters.shutdown()
})

const named = (name: string) => spans.getFinishedSpans().filter((span) => span.name === name)

it("continues the web request's trace in the worker's job, and counts in both forms", async () => {
  const web = trace.getTracer('web')
  const carried = await web.startActiveSpan('POST /requests', async (span) => {
    const given = await tracePublish(1, async () => currentContext())
    span.end()
    return given
  })
  const [request] = named('POST /requests')
  const [sent] = named('send sync.write-back')
  expect(sent?.kind).toBe(SpanKind.PRODUCER)
  expect(spanContextOf(carried?.traceparent)?.spanId).toBe(sent?.spanContext().spanId)

  const telemetry = createWorkerTelemetry()
  const job: HandledJob = {
    id: '1',
    change: {
      target: 'airports',
      model: 'Airport',
      at: new Date(Date.now() - 1500).toISOString(),
      context: carried,
    },
  }
  const untraced = { id: '2', change: { ...job.change, context: undefined } }
  await telemetry.batch('sheet', [job, untraced], async () => {
    telemetry.call({ place: 'sheet', kind: 'write', ms: 20 })
    return {
      outcomes: [
        { job, outcome: 'written' },
        { job: untraced, outcome: 'failed', code: 'COLUMN_FAILED' },
      ],
    }
  })

  const [batch] = named('writeback.batch')
  const [processed, ...others] = named('process sync.write-back')
  expect(others).toEqual([])
  expect(processed?.spanContext().traceId).toBe(request?.spanContext().traceId)
  expect(processed?.parentSpanContext?.spanId).toBe(sent?.spanContext().spanId)
  expect(processed?.links[0]?.context.spanId).toBe(batch?.spanContext().spanId)
  expect(processed?.attributes).toMatchObject({
    'messaging.system': 'pg-boss',
    'messaging.destination.name': 'sync.write-back',
    'messaging.operation.type': 'process',
    'messaging.message.id': '1',
    'writeback.target': 'airports',
    'writeback.outcome': 'written',
  })
  const [call] = named('sheet write')
  expect(call?.parentSpanContext?.spanId).toBe(batch?.spanContext().spanId)

  await meters.forceFlush()
  const names = points
    .getMetrics()
    .flatMap((one) => one.scopeMetrics.flatMap((scope) => scope.metrics.map((m) => m.descriptor.name)))
  expect(names.sort()).toEqual([
    'http.client.request.duration',
    'messaging.client.consumed.messages',
    'messaging.client.sent.messages',
    'messaging.process.duration',
    'writeback.change.lag',
  ])
  const text = await telemetry.registry.metrics()
  expect(text).toMatch(
    /consumed_messages_total\{target="airports",outcome="failed",error_type="COLUMN_FAILED"\} 1/,
  )
  expect(text).toMatch(/writeback_change_lag_seconds_bucket\{le="1",target="airports"\} 0\n/)
  expect(text).toMatch(/writeback_change_lag_seconds_bucket\{le="5",target="airports"\} 1\n/)
})

it('carries the trace beside what runWithContext says, as the same object for the same span', async () => {
  const web = trace.getTracer('web')
  await web.startActiveSpan('request', async (span) => {
    const bare = currentContext()
    expect(spanContextOf(bare?.traceparent)?.traceId).toBe(span.spanContext().traceId)
    expect(currentContext()).toBe(bare)
    await runWithContext({ userId: 'u1' }, async () => {
      expect(currentContext()).toEqual({ userId: 'u1', traceparent: bare?.traceparent })
      expect(currentContext()).toBe(currentContext())
    })
    span.end()
  })
  await runWithContext({ userId: 'u1' }, async () => expect(currentContext()).toEqual({ userId: 'u1' }))
  expect(currentContext()).toBeUndefined()
})

it('takes no text for a trace that is none', () => {
  for (const text of [
    undefined,
    '',
    'x',
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
    `01-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
  ]) {
    expect(spanContextOf(text)).toBeUndefined()
  }
  expect(spanContextOf(`00-${'1'.repeat(32)}-${'2'.repeat(16)}-00`)).toMatchObject({
    traceFlags: 0,
    isRemote: true,
  })
})

it('counts what is sent after the SDK was set up, though something was sent before', async () => {
  metrics.disable()
  await tracePublish(1, async () => undefined)
  metrics.setGlobalMeterProvider(meters)
  await tracePublish(2, async () => undefined)
  await meters.forceFlush()
  const found = points
    .getMetrics()
    .flatMap((one) => one.scopeMetrics.flatMap((scope) => scope.metrics))
    .find(({ descriptor }) => descriptor.name === 'messaging.client.sent.messages')
  expect(found?.dataPoints.map(({ value }) => value)).toEqual([2])
})
