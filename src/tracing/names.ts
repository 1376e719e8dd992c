/**
 * Names of attributes and metrics. Those that begin with `messaging`, `http` and `error` are OpenTelemetry's semantic
 * conventions (https://opentelemetry.io/docs/specs/semconv/messaging/); the `writeback` ones are this library's.
 * In Prometheus text a dot is an underscore, a unit is a suffix and a counter ends in `_total`, as OpenTelemetry's own
 * exporter has it.
 */
export const ATTRIBUTES = {
  system: 'messaging.system',
  destination: 'messaging.destination.name',
  operationName: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  messageId: 'messaging.message.id',
  batchCount: 'messaging.batch.message_count',
  errorType: 'error.type',
  target: 'writeback.target',
  model: 'writeback.model',
  outcome: 'writeback.outcome',
  lane: 'writeback.lane',
  place: 'writeback.place',
  apiCall: 'writeback.api.call',
  status: 'http.response.status_code',
} as const

/** The messaging system, for `messaging.system`. */
export const SYSTEM = 'pg-boss'

/** Name under which tracer and meter are registered. */
export const SCOPE = 'prisma-writeback'

export const METRICS = {
  sent: { name: 'messaging.client.sent.messages', help: 'Jobs that were published.' },
  consumed: {
    name: 'messaging.client.consumed.messages',
    help: 'Jobs that were handled, by what became of them.',
  },
  processDuration: { name: 'messaging.process.duration', help: 'How long a batch of jobs took.', unit: 's' },
  lag: {
    name: 'writeback.change.lag',
    help: 'From a write in the database to its place.',
    unit: 's',
  },
  edits: {
    name: 'writeback.edits',
    help: 'Edits of people that were decided, by what became of them.',
  },
  apiDuration: {
    name: 'http.client.request.duration',
    help: 'How long calls to the places took.',
    unit: 's',
  },
} as const

/** A metric's name in Prometheus text. */
export function prometheusName(name: string, suffix: '_seconds' | '_total' | '' = ''): string {
  return `${name.replaceAll('.', '_')}${suffix}`
}
