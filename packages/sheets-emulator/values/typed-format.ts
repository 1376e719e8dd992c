import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import type { Locale } from './locale.ts'

/**
 * The number format that comes with what was typed, undefined for a plain number. Established for en_US are
 * yyyy-mm-dd, m-d, dollars, separators; the rest follows them: a date or time keeps the form it was typed in.
 *
 * @param text what was typed, which numfmt reads as a number
 */
export function typedFormat(text: string, locale: Locale): sheets_v4.Schema$NumberFormat | undefined {
  const time = /(?:^|[ ,])(\d+(?::\d{2}){0,2}(?:[.,]\d+)?)( ?)([ap]m?)?$/i.exec(text)
  const timePattern = time && (time[1]!.includes(':') || time[3]) ? timeOf(time) : undefined
  const date = timePattern ? text.slice(0, time!.index).trim() : text
  const datePattern = date === '' ? undefined : dateOf(date, locale)
  if (datePattern && timePattern) return { type: 'DATE_TIME', pattern: `${datePattern} ${timePattern}` }
  if (datePattern) return { type: 'DATE', pattern: datePattern }
  if (timePattern) return { type: 'TIME', pattern: timePattern }
  return amountOf(text, locale)
}

/** `h:mm am/pm` and so on; more than a day is a duration. */
function timeOf([, digits, blank, half]: RegExpExecArray): string {
  const [hours, minutes, seconds] = digits!.split(':')
  const hour =
    Number(hours) > 23 ? '[h]' : hours!.length === 2 && hours!.startsWith('0') && !half ? 'hh' : 'h'
  const fraction = /[.,](\d+)$/.exec(seconds ?? '')?.[1]
  const rest = `${minutes === undefined ? '' : ':mm'}${seconds === undefined ? '' : ':ss'}${fraction ? `.${'0'.repeat(fraction.length)}` : ''}`
  return `${hour}${rest}${half ? `${blank || ' '}am/pm` : ''}`
}

function dateOf(text: string, { dayFirst }: Locale): string | undefined {
  const numeric = /^(\d{1,4})([-/.])(\d{1,2})(?:\2(\d{1,4})?)?$/.exec(text)
  if (numeric) {
    const [, first, separator, second, third] = numeric
    const short = (digits: string, letter: string): string => (digits.length === 2 ? letter + letter : letter)
    if (first!.length === 4) {
      if (third === undefined) return `yyyy${separator}${short(second!, 'm')}`
      if (separator === '-') return 'yyyy-mm-dd'
      return ['yyyy', short(second!, 'm'), short(third, 'd')].join(separator)
    }
    // A number with a point is no date where a point is the decimal separator, and never comes here.
    const year = third === undefined ? [] : [third.length === 2 ? 'yy' : 'yyyy']
    if (!dayFirst) return ['m', 'd', ...year].join(separator)
    return [short(first!, 'd'), short(second!, 'm'), ...year].join(separator)
  }
  if (!/\p{L}{3}/u.test(text) || !/\d/.test(text)) return undefined
  return text
    .replace(/\d+/g, (digits) => (digits.length === 4 ? 'yyyy' : 'd'))
    .replace(/\p{L}{3,}\.?/gu, (word) => (/^[ymd]+$/.test(word) ? word : word.length > 4 ? 'mmmm' : 'mmm'))
}

function amountOf(text: string, locale: Locale): sheets_v4.Schema$NumberFormat | undefined {
  const { decimal, group, currency } = locale
  const decimals = text.split(decimal)[1]?.match(/^\d+/)?.[0].length ?? 0
  const places = decimals === 0 ? '' : `.${'0'.repeat(Math.min(decimals, 2))}`
  if (text.endsWith('%')) return { type: 'PERCENT', pattern: `0${places}%` }
  if (text.includes(currency) && !/\p{L}/u.test(currency))
    return { type: 'CURRENCY', pattern: locale.patterns.CURRENCY!.replace('.00', places) }
  if (text.includes(group)) return { type: 'NUMBER', pattern: `#,##0${places}` }
  return /\d[eE]/.test(text) ? { type: 'SCIENTIFIC', pattern: '0.00E+00' } : undefined
}
