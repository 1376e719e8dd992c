import { createHmac, timingSafeEqual } from 'node:crypto'

/** Header that carries the signature: `t=<seconds since 1970>,v1=<hex>`. */
export const SIGNATURE_HEADER = 'x-writeback-signature'

/** A signature that is older, or further ahead, is refused, in seconds. */
const MAX_AGE_S = 5 * 60

/** HMAC-SHA256 of time, nonce and body, as hex. */
export function sign(secret: string, seconds: number, nonce: string, body: string): string {
  return createHmac('sha256', secret).update(`${seconds}.${nonce}.${body}`).digest('hex')
}

/**
 * Whether a body was signed with the secret, not long ago. Compares in constant time.
 * @param header what {@link SIGNATURE_HEADER} says
 * @param nowS seconds since 1970
 */
export function isSigned(
  { header, nonce, body }: { readonly header: string | null; readonly nonce: string; readonly body: string },
  secret: string,
  nowS: number,
): boolean {
  const [, seconds = '', given = ''] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? []
  if (given === '') return false
  const expected = sign(secret, Number(seconds), nonce, body)
  const same = timingSafeEqual(Buffer.from(given, 'hex'), Buffer.from(expected, 'hex'))
  return same && Math.abs(nowS - Number(seconds)) <= MAX_AGE_S
}
