/** Digits that a sheet keeps and shows of a number; of a longer one the rest becomes zeros. */
const EXACT_DIGITS = 15

/**
 * The number that a sheet shows exactly as the text says, or null when it takes more than 15 digits or is no
 * finite number in plain notation. Such values are written as text instead.
 * @param text plain decimal notation, for example `-12.50`
 */
export function exactNumber(text: string): number | null {
  const match = /^-?(\d+)(?:\.(\d+))?$/.exec(text)
  if (!match) return null
  const digits = `${match[1]}${(match[2] ?? '').replace(/0+$/, '')}`.replace(/^0+/, '')
  const significant = match[2]?.replace(/0+$/, '') ? digits : digits.replace(/0+$/, '')
  if (significant.length > EXACT_DIGITS) return null
  const value = Number(text)
  // Trailing zeros of an integer are digits as well: 10^20 is shown as 100000000000000000000, exactly.
  return Number.isFinite(value) ? value + 0 : null
}

/** A number in plain decimal notation, without an exponent. */
export function plainText(value: number): string {
  const text = String(value)
  if (!text.includes('e')) return text
  const [mantissa = '0', exponent = '0'] = text.split('e')
  const sign = mantissa.startsWith('-') ? '-' : ''
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const shift = Number(exponent)
  const digits = whole + fraction
  const point = whole.length + shift
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return `${sign}${digits.padEnd(point, '0').slice(0, point)}${point < digits.length ? `.${digits.slice(point)}` : ''}`
}
