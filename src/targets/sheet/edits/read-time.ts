import type { ReadValue } from '../../../inbound/edit-rules.ts'
import type { CellValue } from '../cells/cell.ts'
import { dateSerial, fromDateSerial, type Zone } from '../cells/zone.ts'
import { quoted } from './quoted.ts'

/*
 * Dates and times as people type them: the sheet makes a number of what it knows as a date. What it left as text has to
 * be ISO 8601: 03/04/2026 is a day in March to some and in April to others.
 */

const DAY_MS = 86_400_000

/** 1900-01-01 to 9999-12-31, which a sheet shows as dates. */
const FIRST_SERIAL = 2
const END_SERIAL = 2_958_466

const DAY = /^(\d{4})-(\d{2})-(\d{2})$/
const MOMENT = /^(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(Z|[+-]\d{2}:\d{2})?$/
const CLOCK = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?$/

/** `@db.Date`: a whole day. */
export function readDay(cell: CellValue): ReadValue {
  if (typeof cell === 'number') {
    if (!isSerial(cell)) return { refused: `${quoted(cell)} is no date` }
    if (!Number.isInteger(cell))
      return { refused: `${quoted(cell, 'date-time')} has a time of day; type the day alone` }
    return { value: new Date(fromDateSerial(cell)) }
  }
  const [, ...parts] = DAY.exec(textIn(cell)) ?? []
  const at = parts.length > 0 ? utc(parts) : undefined
  return at === undefined
    ? { refused: `${quoted(cell)} is no date such as 2026-12-31` }
    : { value: new Date(at) }
}

/** A moment, on the clock of the spreadsheet's time zone where the text names no other. */
export function readMoment(cell: CellValue, zone: Zone): ReadValue {
  if (typeof cell === 'number') {
    return isSerial(cell) ? onClock(cell, cell, zone) : { refused: `${quoted(cell)} is no date` }
  }
  const text = textIn(cell)
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction = '0', offset] =
    MOMENT.exec(text) ?? DAY.exec(text) ?? []
  const at = utc([year, month, day, hour, minute, second, fraction.padEnd(3, '0')])
  if (at === undefined) return { refused: `${quoted(cell)} is no date such as 2026-12-31 18:30` }
  if (offset === undefined) return onClock(cell, dateSerial(at), zone)
  return { value: new Date(at - offsetMs(offset)) }
}

/** `@db.Time`: Prisma gives it as that time on 1970-01-01, UTC. */
export function readTimeOfDay(cell: CellValue): ReadValue {
  if (typeof cell === 'number') {
    const ms = Math.round(cell * DAY_MS)
    if (ms >= 0 && ms < DAY_MS) return { value: new Date(ms) }
    return { refused: `${quoted(cell, 'date-time')} is no time of day` }
  }
  const [, hour, minute, second = '0', fraction = '0'] = CLOCK.exec(textIn(cell)) ?? []
  const at = utc(['1970', '01', '01', hour, minute, second, fraction.padEnd(3, '0')])
  return at === undefined ? { refused: `${quoted(cell)} is no time such as 18:30` } : { value: new Date(at) }
}

function onClock(cell: CellValue, serial: number, zone: Zone): ReadValue {
  const at = zone.fromSerial(serial)
  // In spring an hour is left out: no clock shows it.
  if (Math.abs(zone.toSerial(at) - serial) * DAY_MS > 1)
    return { refused: `${quoted(cell, 'date-time')} does not exist: the clocks go forward then` }
  return { value: new Date(at) }
}

function isSerial(value: number): boolean {
  return value >= FIRST_SERIAL && value < END_SERIAL
}

function textIn(cell: CellValue): string {
  return typeof cell === 'string' ? cell.trim() : ''
}

/** Milliseconds of year, month, day, hour, minute, second and milliseconds; undefined where there is no such moment. */
function utc(parts: readonly (string | undefined)[]): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, ms = 0] = parts.map(Number)
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second, ms)
  // A 30th of February, or minute 61, would be carried over. Postgres has no year 0.
  const isSame =
    year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour
  return isSame && minute < 60 && second < 60 ? date.getTime() : undefined
}

function offsetMs(offset: string): number {
  if (offset === 'Z') return 0
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number)
  return (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
}
