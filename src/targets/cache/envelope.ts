/** A value as it stands in Redis, with what says whether it still counts. */
export interface Envelope {
  /** The oldest transaction that was writing when the value was read: every change below it is in it. */
  readonly xmin: bigint
  /** Id of the floor that stood when the value was read. */
  readonly floor: string
  readonly tags: readonly string[]
  readonly value: unknown
}

/**
 * The beginning is read by a script: `x`, `f`, then `w` where a worker stored the value.
 * @param by who stores it
 */
export function encodeEnvelope({ xmin, floor, tags, value }: Envelope, by: 'reader' | 'worker'): string {
  const head = {
    ...{ x: xmin.toString(), f: floor },
    ...(by === 'worker' && { w: 1 }),
    ...(tags.length > 0 && { t: tags }),
  }
  return `${JSON.stringify(head).slice(0, -1)},"v":${encodeValue(value)}}`
}

/** @returns undefined for anything else that stands under the key */
export function decodeEnvelope(text: string): Envelope | undefined {
  if (!text.startsWith('{"x":"')) return undefined
  try {
    const { x, f, t = [], v } = JSON.parse(text) as { x: string; f: string; t?: string[]; v: unknown }
    return { xmin: BigInt(x), floor: f, tags: t, value: v }
  } catch {
    return undefined
  }
}

/** JSON, with a bigint as text. */
function encodeValue(value: unknown): string {
  return (
    JSON.stringify(value, (_name, one: unknown) => (typeof one === 'bigint' ? one.toString() : one)) ?? 'null'
  )
}

/** What a value is once it has been stored and read again: what a hit and a miss both give. */
export function asStored(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(encodeValue(value))
}
