/** So many digits after the point are counted with. */
const DIGITS = 6
const FORM = /^-?\d{1,20}(\.\d{1,6})?$/

/** Whether a value is a quantity: a number, or a text with one. */
export function isQuantity(value: unknown): value is number | string {
  return (typeof value === 'number' || typeof value === 'string') && FORM.test(String(value))
}

/** The sum of two quantities, without loss, in the form of the first. */
export function add(a: number | string, b: number | string): number | string {
  const sum = unitsOf(a) + unitsOf(b)
  const digits = (sum < 0n ? -sum : sum).toString().padStart(DIGITS + 1, '0')
  const text = `${sum < 0n ? '-' : ''}${digits.slice(0, -DIGITS)}.${digits.slice(-DIGITS)}`.replace(
    /\.?0+$/,
    '',
  )
  return typeof a === 'number' ? Number(text) : text
}

function unitsOf(value: number | string): bigint {
  const [whole = '0', fraction = ''] = String(value).split('.')
  const units = BigInt(whole.replace('-', '') + fraction.padEnd(DIGITS, '0'))
  return whole.startsWith('-') ? -units : units
}
