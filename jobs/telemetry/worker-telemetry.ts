import {
  context,
  type Histogram,
  metrics,
  type Counter as OtelCounter,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { Counter, Histogram as PromHistogram, Registry } from 'prom-client'
import type { Change } from '../../src/change/change.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { ATTRIBUTES, METRICS, prometheusName, SCOPE, SYSTEM } from '../../src/tracing/names.ts'
import { continuing, spanContextOf } from '../../src/tracing/trace-context.ts'

/** A job as far as telemetry looks at it. */
export interface HandledJob {
  readonly id: string
  readonly change: Pick<Change, 'target' | 'model' | 'at' | 'context'>
}

/** What became of one job: `written`, `unchanged`, `removed`, `kept`, `dead`, `failed`, `deferred`. */
export interface HandledOutcome {
  readonly job: HandledJob
  readonly outcome: string
  /** Code of the error, for `dead`, `failed` and `deferred`. */
  readonly code?: string | undefined
}

/** A call to a place that has ended. */
export interface HandledCall {
  /** The kind of the place. */
  readonly place: string
  readonly kind: 'read' | 'write'
  readonly ms: number
  readonly failure?: { readonly code: string; readonly status: number | null } | undefined
}

/** What a worker tells the world: Prometheus metrics, and OpenTelemetry where the application sets up an SDK. */
export interface WorkerTelemetry {
  readonly registry: Registry
  /** Runs a batch in a span; the calls it makes become spans inside. */
  batch<Result extends { readonly outcomes: readonly HandledOutcome[] }>(
    lane: string,
    jobs: readonly HandledJob[],
    work: () => Promise<Result>,
  ): Promise<Result>
  call(call: HandledCall): void
  /** Counts edits of people that were decided. @param outcome `applied`, `refused`, `lost` or `failed` */
  edits(target: string, outcome: string, count: number): void
}

/** From commit to place takes tenths of seconds in an idle system, and hours in an outage. */
const LAG_BUCKETS = [0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 14_400]
const DURATION_BUCKETS = [0.025, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 180]

/** Outcomes after which the row shows the record. */
const SETTLED = new Set(['written', 'removed'])

/** Makes the telemetry of a worker process. */
export function createWorkerTelemetry(): WorkerTelemetry {
  const registry = new Registry()
  const meters = makeMeters(registry)
  const tracer = trace.getTracer(SCOPE)

  const count = ({ job, outcome, code }: HandledOutcome): void => {
    const { target, at } = job.change
    meters.consumed.add({ target, outcome, error_type: code ?? '' })
    if (!SETTLED.has(outcome)) return
    const seconds = (Date.now() - Date.parse(at)) / 1000
    if (Number.isFinite(seconds)) meters.lag.record(Math.max(0, seconds), { target })
  }

  return {
    registry,
    batch(lane, jobs, work) {
      const started = Date.now()
      const remote = jobs.flatMap(({ change }) => spanContextOf(change.context?.traceparent) ?? [])
      const options = {
        kind: SpanKind.INTERNAL,
        links: remote.slice(0, MAX_LINKS).map((spanContext) => ({ context: spanContext })),
        attributes: { [ATTRIBUTES.lane]: lane, [ATTRIBUTES.batchCount]: jobs.length },
      }
      return tracer.startActiveSpan('writeback.batch', options, async (span) => {
        let errorType = ''
        try {
          const result = await work()
          const ended = Date.now()
          for (const one of result.outcomes) {
            count(one)
            if (span.isRecording()) traceJob(one, started, ended)
          }
          return result
        } catch (error) {
          errorType = error instanceof Error ? error.name : 'Error'
          span.setStatus({ code: SpanStatusCode.ERROR, message: errorType })
          throw error
        } finally {
          meters.process.record((Date.now() - started) / 1000, { error_type: errorType })
          span.end()
        }
      })
    },
    edits(target, outcome, count) {
      if (count > 0) meters.edits.add({ target, outcome }, count)
    },
    call({ place, kind, ms, failure }) {
      meters.api.record(ms / 1000, { place, call: kind, error_type: failure?.code ?? '' })
      const span = tracer.startSpan(`${place} ${kind}`, {
        kind: SpanKind.CLIENT,
        startTime: Date.now() - ms,
        attributes: {
          [ATTRIBUTES.apiCall]: kind,
          ...(failure?.status && { [ATTRIBUTES.status]: failure.status }),
          ...(failure && { [ATTRIBUTES.errorType]: failure.code }),
        },
      })
      if (failure) span.setStatus({ code: SpanStatusCode.ERROR, message: failure.code })
      span.end()
    },
  }

  /** The part of a batch that belongs to one job, in the trace of the request that made the change. */
  function traceJob({ job, outcome, code }: HandledOutcome, started: number, ended: number): void {
    const parent = spanContextOf(job.change.context?.traceparent)
    if (parent === undefined) return
    const batch = trace.getSpan(context.active())
    const span = tracer.startSpan(
      `process ${QUEUES.writeBack}`,
      {
        kind: SpanKind.CONSUMER,
        startTime: started,
        links: batch ? [{ context: batch.spanContext() }] : [],
        attributes: {
          [ATTRIBUTES.system]: SYSTEM,
          [ATTRIBUTES.destination]: QUEUES.writeBack,
          [ATTRIBUTES.operationName]: 'process',
          [ATTRIBUTES.operationType]: 'process',
          [ATTRIBUTES.messageId]: job.id,
          [ATTRIBUTES.target]: job.change.target,
          [ATTRIBUTES.model]: job.change.model,
          [ATTRIBUTES.outcome]: outcome,
          ...(code && { [ATTRIBUTES.errorType]: code }),
        },
      },
      continuing(parent),
    )
    if (outcome === 'dead' || outcome === 'failed')
      span.setStatus({ code: SpanStatusCode.ERROR, message: code ?? '' })
    span.end(ended)
  }
}

/** A span with more links than this is dropped by some backends, in parts or as a whole. */
const MAX_LINKS = 128

/** A metric in both forms. Labels without a value are left out in OpenTelemetry, and empty in Prometheus text. */
interface Meter<Label extends string> {
  record(value: number, labels: Record<Label, string>): void
}

function makeMeters(registry: Registry) {
  const meter = metrics.getMeter(SCOPE)
  const histogram = <Label extends string>(
    { name, help, unit }: { name: string; help: string; unit: string },
    labels: Readonly<Record<Label, string>>,
    buckets: number[],
  ): Meter<Label> => {
    const names = Object.keys(labels) as Label[]
    const text = new PromHistogram({
      name: prometheusName(name, '_seconds'),
      help,
      labelNames: names,
      buckets,
      registers: [registry],
    })
    const otel: Histogram = meter.createHistogram(name, { description: help, unit })
    return {
      record(value, given) {
        text.observe(given, value)
        otel.record(value, attributesOf(labels, given))
      },
    }
  }
  const counter = <Label extends string>(
    { name, help }: { name: string; help: string },
    labels: Readonly<Record<Label, string>>,
    more: Readonly<Record<string, string>> = {},
  ) => {
    const text = new Counter({
      name: prometheusName(name, '_total'),
      help,
      labelNames: Object.keys(labels),
      registers: [registry],
    })
    const otel: OtelCounter = meter.createCounter(name, { description: help })
    return {
      add(given: Record<Label, string>, count = 1) {
        text.inc(given, count)
        otel.add(count, { ...more, ...attributesOf(labels, given) })
      },
    }
  }
  return {
    consumed: counter(
      METRICS.consumed,
      { target: ATTRIBUTES.target, outcome: ATTRIBUTES.outcome, error_type: ATTRIBUTES.errorType },
      { [ATTRIBUTES.system]: SYSTEM, [ATTRIBUTES.destination]: QUEUES.writeBack },
    ),
    edits: counter(METRICS.edits, { target: ATTRIBUTES.target, outcome: ATTRIBUTES.outcome }),
    process: histogram(METRICS.processDuration, { error_type: ATTRIBUTES.errorType }, DURATION_BUCKETS),
    lag: histogram(METRICS.lag, { target: ATTRIBUTES.target }, LAG_BUCKETS),
    api: histogram(
      METRICS.apiDuration,
      { place: ATTRIBUTES.place, call: ATTRIBUTES.apiCall, error_type: ATTRIBUTES.errorType },
      DURATION_BUCKETS,
    ),
  }
}

function attributesOf<Label extends string>(
  names: Readonly<Record<Label, string>>,
  values: Readonly<Record<Label, string>>,
): Record<string, string> {
  const attributes: Record<string, string> = {}
  for (const label of Object.keys(names) as Label[]) {
    if (values[label] !== '') attributes[names[label]] = values[label]
  }
  return attributes
}
