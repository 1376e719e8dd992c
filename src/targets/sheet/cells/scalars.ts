import { isThenable } from '../../../config/describe.ts'
import { WritebackError } from '../../../errors.ts'
import type { ScalarType } from '../../../model/data-model.ts'
import type { CellValue, SheetCell } from './cell.ts'
import { type Codec, codec, typeName, unsupported } from './codec.ts'
import { exactNumber, plainText } from './number.ts'
import { dateSerial, fromDateSerial } from './zone.ts'

const DAY_MS = 86_400_000

/** 1900-01-01 to 9999-12-31, which every spreadsheet program shows as dates; others are ISO 8601 text. */
const FIRST_SERIAL = 2
const END_SERIAL = 2_958_466

/**
 * Text as it is. Half a surrogate pair, which JSON may not carry, becomes the replacement character, and so does NUL, which
 * Postgres cannot store: what a cell shows is stored beside the record.
 */
export const textCodec = codec({
  format: 'text',
  encode: (value) => {
    if (typeof value !== 'string') throw unsupported(typeName(value), 'a text')
    return cleanText(value)
  },
  decode: (cell) =>
    typeof cell === 'number' ? plainText(cell) : typeof cell === 'boolean' ? upper(cell) : cell,
})

export const booleanCodec = codec({
  encode: (value) => {
    if (typeof value !== 'boolean') throw unsupported(typeName(value), 'a boolean')
    return value
  },
  decode: (cell) => {
    if (typeof cell === 'string' && /^(true|false)$/i.test(cell.trim()))
      return cell.trim().toLowerCase() === 'true'
    return cell
  },
})

/** Int and Float. Not a number and the infinities are text: a cell has no such numbers. */
export const numberCodec = codec({
  encode: (value) => {
    if (typeof value !== 'number') throw unsupported(typeName(value), 'a number')
    return Number.isFinite(value) ? value + 0 : String(value)
  },
  decode: (cell) => {
    if (typeof cell !== 'string') return cell
    const text = cell.trim()
    if (/^(NaN|-?Infinity)$/.test(text)) return Number(text)
    return exactNumber(text) ?? cell
  },
})

/** BigInt: a number up to 15 digits, text beyond, where a sheet would round. */
export const bigIntCodec = codec({
  encode: (value) => {
    if (typeof value !== 'bigint') throw unsupported(typeName(value), 'a bigint')
    return exactOrText(value.toString())
  },
  decode: (cell) => {
    const text = typeof cell === 'number' ? plainText(cell) : typeof cell === 'string' ? cell.trim() : ''
    return /^-?\d+$/.test(text) ? BigInt(text) : cell
  },
})

/** Decimal: a number up to 15 digits, text beyond; read back as it stands. */
export const decimalCodec = codec({
  encode: (value) => {
    if (!isDecimal(value)) throw unsupported(typeName(value), 'a Decimal')
    return exactOrText(value.toFixed())
  },
  decode: (cell) => (typeof cell === 'string' ? (exactNumber(cell.trim()) ?? cell.trim()) : cell),
})

/** DateTime: a moment, on the clock of the spreadsheet's time zone. */
export const dateTimeCodec = codec({
  format: 'date-time',
  encode: (value, zone) =>
    fromDate(
      value,
      (at) => zone.toSerial(at),
      (date) => date.toISOString(),
    ),
  decode: (cell, zone) => toDate(cell, (serial) => zone.fromSerial(serial)),
})

/** `@db.Date`: a day, the same in every time zone. */
const dateCodec = codec({
  format: 'date',
  encode: (value) =>
    fromDate(
      value,
      (at) => Math.floor(dateSerial(at)),
      (date) => date.toISOString().slice(0, 10),
    ),
  decode: (cell) => toDate(cell, (serial) => fromDateSerial(Math.floor(serial))),
})

/** `@db.Time`: Prisma gives the time of day on 1970-01-01 UTC; a cell holds the fraction of a day. */
const timeCodec = codec({
  format: 'time',
  encode: (value) => {
    if (!(value instanceof Date) || Number.isNaN(value.getTime()))
      throw unsupported(typeName(value), 'a date')
    return (((value.getTime() % DAY_MS) + DAY_MS) % DAY_MS) / DAY_MS
  },
  decode: (cell) => {
    if (typeof cell === 'number') return new Date(Math.round((cell - Math.floor(cell)) * DAY_MS))
    const match = typeof cell === 'string' && /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(cell.trim())
    if (!match) return cell
    return new Date(((Number(match[1]) * 60 + Number(match[2])) * 60 + Number(match[3] ?? 0)) * 1000)
  },
})

/** Json: compact text. */
export const jsonCodec = codec({
  format: 'text',
  encode: (value) => jsonText(value),
  decode: (cell) => {
    if (typeof cell !== 'string') return cell
    try {
      return JSON.parse(cell)
    } catch {
      return cell
    }
  },
})

/** The codec of a Prisma scalar type. Bytes are refused in the configuration; here for whoever skips it. */
export function scalarCodec(type: ScalarType, nativeType: string | null): Codec {
  switch (type) {
    case 'String':
      return textCodec
    case 'Boolean':
      return booleanCodec
    case 'Int':
    case 'Float':
      return numberCodec
    case 'BigInt':
      return bigIntCodec
    case 'Decimal':
      return decimalCodec
    case 'DateTime':
      if (nativeType === 'Date') return dateCodec
      return nativeType === 'Time' || nativeType === 'Timetz' ? timeCodec : dateTimeCodec
    case 'Json':
      return jsonCodec
    case 'Bytes':
      throw unsupported('Bytes')
  }
}

export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}

/**
 * Compact JSON. A bigint, which JSON lacks, is its digits; half a surrogate pair is replaced.
 * @throws WritebackError `CELL_UNSUPPORTED` for what JSON cannot say, or would say as `{}`
 */
export function jsonText(value: unknown): string {
  let text: string | undefined
  try {
    text = JSON.stringify(value, jsonItem)
  } catch (error) {
    if (error instanceof WritebackError) throw error
    // Circular, too deep, or with a toJSON that throws.
    throw unsupported(
      `an object that JSON cannot say (${error instanceof Error ? error.name : typeof error})`,
      'a value without circles',
    )
  }
  if (text === undefined) throw unsupported(typeName(value))
  return text
}

function jsonItem(_key: string, item: unknown): unknown {
  if (typeof item === 'bigint') return item.toString()
  if (isOpaque(item)) throw unsupported(typeName(item), 'values that JSON can say')
  return item
}

/** An object of which JSON says nothing: a Map, a Set, an Error, a promise. */
function isOpaque(item: unknown): boolean {
  if (typeof item !== 'object' || item === null || Array.isArray(item)) return false
  if (isThenable(item)) return true
  const prototype: unknown = Object.getPrototypeOf(item)
  const isPlain = prototype === null || prototype === Object.prototype
  return !isPlain && Object.keys(item).length === 0 && typeof item.valueOf() === 'object'
}

/** Decimal as Prisma gives it (decimal.js), told by what it can do: there are several copies of the class. */
export function isDecimal(value: unknown): value is { toFixed(): string } {
  return typeof value === 'object' && value !== null && 'toFixed' in value && 'd' in value && 'e' in value
}

function exactOrText(text: string): CellValue {
  return exactNumber(text) ?? text
}

function fromDate(value: unknown, serial: (at: number) => number, text: (date: Date) => string): CellValue {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) throw unsupported(typeName(value), 'a date')
  const cell = serial(value.getTime())
  return cell >= FIRST_SERIAL && cell < END_SERIAL ? cell : text(value)
}

/** ISO 8601 as `toISOString` writes it, years beyond four digits included. */
const ISO = /^([+-]\d{6}|\d{4})-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?Z)?$/

function toDate(cell: SheetCell, moment: (serial: number) => number): unknown {
  if (typeof cell === 'number') return new Date(moment(cell))
  if (typeof cell !== 'string' || !ISO.test(cell.trim())) return cell
  const date = new Date(cell.trim())
  return Number.isNaN(date.getTime()) ? cell : date
}

function upper(value: boolean): string {
  return value ? 'TRUE' : 'FALSE'
}
