import { plainText } from '../cells/number.ts'
import { dateSerial } from '../cells/zone.ts'

/** Digits that a sheet keeps of a number. */
const DIGITS = 15

/** A number as a sheet recognises it in a text: `00123`, `+5`, `1e5`, `.5`, `1,000`. */
const NUMBER = /^[+-]?(\d+|\d{1,3}(,\d{3})+)?(\.\d*)?(e[+-]?\d+)?$/

const DAY = /^\d{4}-\d{2}-\d{2}$/

/**
 * What is left of a key when a sheet has made a number or a date of it (`00123` becomes 123, `1e5` becomes 100000), or a
 * person changed its case, or put blanks around it. Two keys may have one form.
 */
export function keyForm(key: string): string {
  const text = key.trim().toLowerCase()
  const number = numberIn(text)
  return number === undefined ? text : plainText(number)
}

function numberIn(text: string): number | undefined {
  if (DAY.test(text)) {
    const at = Date.parse(text)
    return Number.isNaN(at) ? undefined : dateSerial(at)
  }
  if (!NUMBER.test(text) || !/^[+-]?[.,]?\d/.test(text)) return undefined
  const number = Number(Number(text.replaceAll(',', '')).toPrecision(DIGITS))
  return Number.isFinite(number) ? number + 0 : undefined
}
