/**
 * A decimal number without loss: `units` / 10^`digits`. Floating point adds 0.1 and 0.2 to 0.30000000000000004, and a
 * counter that is added to for years drifts away.
 */
export interface Decimal {
  readonly units: bigint
  /** Digits after the point, 0 or more. */
  readonly digits: number
}

const FORM = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/

/** Digits of a number that anybody counts with; `1e9999` would fill the memory. */
const MOST_DIGITS = 400

/**
 * Reads a number: a JavaScript number or bigint, a text, or an object that tells its number as text, as Prisma's Decimal.
 * @returns undefined for what is no finite number
 */
export function decimalOf(value: unknown): Decimal | undefined {
  const text = textOf(value)
  const match = text === undefined ? null : FORM.exec(text.trim())
  if (!match) return undefined
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  const shift = fraction.length - Number(exponent)
  if (Math.abs(shift) > MOST_DIGITS) return undefined
  const units = BigInt(sign + (whole + fraction || '0')) * 10n ** BigInt(Math.max(0, -shift))
  return shortened({ units, digits: Math.max(0, shift) })
}

/** a + b */
export function plus(a: Decimal, b: Decimal): Decimal {
  const digits = Math.max(a.digits, b.digits)
  return shortened({ units: scaled(a, digits) + scaled(b, digits), digits })
}

/** a - b */
export function minus(a: Decimal, b: Decimal): Decimal {
  return plus(a, { ...b, units: -b.units })
}

export function isSameNumber(a: Decimal, b: Decimal): boolean {
  return minus(a, b).units === 0n
}

/** Without exponent: `-0.05`. */
export function textOfDecimal({ units, digits }: Decimal): string {
  const sign = units < 0n ? '-' : ''
  const text = (units < 0n ? -units : units).toString().padStart(digits + 1, '0')
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Date)
    return undefined
  return String(value)
}

function scaled({ units, digits }: Decimal, to: number): bigint {
  return units * 10n ** BigInt(to - digits)
}

/** Without zeros at the end: numbers are then alike when they are the same. */
function shortened({ units, digits }: Decimal): Decimal {
  while (digits > 0 && units % 10n === 0n) {
    units /= 10n
    digits--
  }
  return { units, digits }
}
