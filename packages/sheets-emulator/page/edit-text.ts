import type { Cell } from '../model/cell.ts'
import { richOf } from '../model/cell.ts'
import { type Locale, localeOf } from '../values/locale.ts'
import { formatted } from '../values/render.ts'
import { parseEntered } from '../values/user-entered.ts'

/** Patterns in which a person types what a cell of a type of number format holds. */
const TYPED: Readonly<Record<string, readonly string[]>> = {
  DATE: ['yyyy-mm-dd'],
  DATE_TIME: ['yyyy-mm-dd h:mm', 'yyyy-mm-dd h:mm:ss'],
  TIME: ['h:mm', 'h:mm:ss'],
  PERCENT: ['0%', '0.0%', '0.00%', '0.0000%'],
}

/**
 * The text that an editor opens with: typed again as it stands, it means the same. So a formula is itself, a number has
 * all its digits, and text that would be taken for a number begins with an apostrophe.
 */
export function editText(cell: Cell, locale: Locale = localeOf('en_US')): string {
  const { value, formula, format } = richOf(cell)
  if (formula !== undefined) return formula
  if (value === undefined) return ''
  if (typeof value === 'boolean') return locale.booleans[value ? 0 : 1]
  if (typeof value === 'string') {
    if (format?.numberFormat?.type === 'TEXT') return value
    return parseEntered(value, locale).value === value ? value : `'${value}`
  }
  for (const pattern of TYPED[format?.numberFormat?.type ?? ''] ?? []) {
    const text = formatted(value, { type: format?.numberFormat?.type ?? null, pattern }, locale)
    if (parseEntered(text, locale).value === value) return text
  }
  return String(value).replace('.', locale.decimal)
}
