import { getLocale } from 'numfmt'
import { invalid, unsupported } from '../model/errors.ts'

/** How a spreadsheet's locale writes and reads values. */
export interface Locale {
  /** As numfmt and Intl call it: `de-DE`. */
  readonly tag: string
  readonly decimal: string
  readonly group: string
  readonly currency: string
  /** TRUE and FALSE. */
  readonly booleans: readonly [string, string]
  /** True where the day is written before the month. */
  readonly dayFirst: boolean
  /** Patterns of a number format that names only its type. */
  readonly patterns: Readonly<Record<string, string>>
}

const KNOWN = new Map<string, Locale>()

/** The locale of a name such as `de_DE`; en_US for a name that {@link assertLocale} would refuse. */
export function localeOf(name: string | null | undefined): Locale {
  const wanted = name ?? 'en_US'
  const known = KNOWN.get(wanted)
  if (known) return known
  const locale = make(wanted) ?? make('en_US')!
  KNOWN.set(wanted, locale)
  return locale
}

/**
 * @throws ApiError 400 for a locale that does not exist, 501 for one that is not emulated; the API says that not all are
 * supported, and its text is not established
 */
export function assertLocale(name: string): void {
  if (!exists(name)) throw invalid(`Invalid locale: ${name}`)
  if (!make(name)) throw unsupported(`the locale ${name}`)
}

/** @throws ApiError 400 for what is neither a CLDR zone nor an offset such as GMT-07:00; the text is not established */
export function assertTimeZone(name: string): void {
  if (/^GMT[+-]\d{2}:\d{2}$/.test(name)) return
  try {
    if (/^[A-Z]/.test(name) && new Intl.DateTimeFormat('en', { timeZone: name })) return
  } catch {
    // Refused below.
  }
  throw invalid(`Invalid time zone: ${name}`)
}

function exists(name: string): boolean {
  const match = /^([a-z]{2,3})(?:_([A-Z]{2}))?$/.exec(name)
  if (!match || Intl.DateTimeFormat.supportedLocalesOf([name.replace('_', '-')]).length === 0) return false
  const region = match[2]
  return !region || new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(region) !== undefined
}

function make(name: string): Locale | undefined {
  const tag = name.replace('_', '-')
  const data = getLocale(tag) as LocaleData | null
  if (!data) return undefined
  const { dateOrder, padMm, padDd, padHh, dateSep, currencyPos } = data.format
  const [day, month] = [padDd ? 'dd' : 'd', padMm ? 'mm' : 'm']
  const orders = [
    [month, day, 'yyyy'],
    [day, month, 'yyyy'],
    ['yyyy', month, day],
  ]
  const date = orders[dateOrder]!.join(dateSep)
  const twelve = new Intl.DateTimeFormat(tag, { hour: 'numeric' }).resolvedOptions().hour12 === true
  const time = twelve ? 'h:mm:ss AM/PM' : `${padHh ? 'hh' : 'h'}:mm:ss`
  const symbol = `"${data.currency}"`
  const amount = '#,##0.00'
  return {
    tag,
    decimal: data.decimal,
    group: data.group,
    currency: data.currency,
    booleans: [data.bool[0]!, data.bool[1]!],
    dayFirst: dateOrder === 1,
    patterns: {
      NUMBER: amount,
      PERCENT: '0.00%',
      CURRENCY: [`${symbol}${amount}`, `${amount}${symbol}`, `${symbol} ${amount}`, `${amount} ${symbol}`][
        currencyPos
      ]!,
      DATE: date,
      TIME: time,
      // The hours of a date have no AM or PM, also in en_US.
      DATE_TIME: `${date} ${padHh ? 'hh' : 'h'}:mm:ss`,
      SCIENTIFIC: '0.00E+00',
      TEXT: '@',
    },
  }
}

/** What numfmt knows of a locale, as far as it is used here. */
interface LocaleData {
  readonly decimal: string
  readonly group: string
  readonly currency: string
  readonly bool: readonly string[]
  readonly format: {
    /** 0: month first, 1: day first, 2: year first. */
    readonly dateOrder: number
    /** 0: before the amount, 1: after it, 2 and 3: the same with a blank. */
    readonly currencyPos: number
    readonly padMm: boolean
    readonly padDd: boolean
    readonly padHh: boolean
    readonly dateSep: string
  }
}
