/** Who a change is owed to. Carried along for logs and traces; nothing is decided by it. */
export interface ChangeContext {
  readonly userId?: string | undefined
  readonly correlationId?: string | undefined
  readonly tenantId?: string | undefined
  /** Where the change was made, when it was not made by the application itself: `sheet:requests` for an edit in a place. */
  readonly origin?: string | undefined
  /** W3C `traceparent` of the request that made the change. */
  readonly traceparent?: string | undefined
}

/** What may be in a context. */
export const CONTEXT_KEYS = [
  'userId',
  'correlationId',
  'tenantId',
  'origin',
  'traceparent',
] as const satisfies readonly (keyof ChangeContext)[]

/** UTF-16 units of a value. */
const MAX_VALUE_LENGTH = 200

/**
 * What can be kept of whatever was given for a context: known keys, as text that Postgres can store and of a length
 * that is bounded. Nothing is decided by a context, so that no write and no job fails because of one.
 *
 * A key without a value stays: it takes back that of an outer context.
 */
export function cleanContext(given: unknown): ChangeContext {
  if (typeof given !== 'object' || given === null) return {}
  const values = given as Readonly<Record<string, unknown>>
  const keys = CONTEXT_KEYS.filter((key) => Object.hasOwn(values, key))
  return Object.fromEntries(keys.map((key) => [key, cleanText(values[key])]))
}

function cleanText(value: unknown): string | undefined {
  if (!['string', 'number', 'bigint', 'boolean'].includes(typeof value)) return undefined
  // Postgres stores neither NUL nor half of a surrogate pair.
  const text = String(value).replaceAll('\0', '')
  const cut = text.slice(0, MAX_VALUE_LENGTH)
  // Of a pair that the limit divides, nothing is kept.
  const whole = cut.length < text.length ? cut.replace(/[\ud800-\udbff]$/, '') : cut
  return whole.toWellFormed()
}
