const DAY_MS = 86_400_000

/** Serial 0 is 1899-12-30 in Sheets, as in other spreadsheets. */
const EPOCH_MS = Date.UTC(1899, 11, 30)

/** Offsets change on quarters of an hour since the world left local mean time, long before this. */
const SLOT_MS = 15 * 60_000
const SLOTS_FROM_MS = Date.UTC(1975, 0, 1)
const MAX_SLOTS = 50_000

/**
 * Dates as a spreadsheet holds them: days since 1899-12-30 on the clock of the spreadsheet's time zone, the time of
 * day as the fraction. In the hour that a zone repeats in autumn two moments have one serial.
 */
export interface Zone {
  /** As in the spreadsheet's properties: an IANA name, or an offset such as `GMT-07:00`. */
  readonly name: string
  /** False for a name that nobody knows: what it shows is UTC. */
  readonly isKnown: boolean
  /** @param at milliseconds since 1970, UTC */
  toSerial(at: number): number
  /**
   * The moment a serial stands for. Of two such moments (autumn) the first; a serial that no clock shows (spring)
   * is read as if the clock had not been put forward.
   * @returns milliseconds since 1970, UTC
   */
  fromSerial(serial: number): number
}

const zones = new Map<string, Zone>()

/**
 * The zone of that name; UTC for a name that is not known, as a sheet must not stop for it.
 * @param name IANA name, or an offset as the API has it for a custom time zone: `GMT-07:00`, `GMT+5`, `UTC+0530`
 */
export function zoneOf(name: string): Zone {
  let zone = zones.get(name)
  if (zone === undefined) {
    zone = makeZone(name)
    zones.set(name, zone)
  }
  return zone
}

/** The serial of a date without a time zone: midnight UTC, as Prisma gives `@db.Date`. */
export function dateSerial(at: number): number {
  return (at - EPOCH_MS) / DAY_MS
}

/** The opposite of {@link dateSerial}, rounded to milliseconds. */
export function fromDateSerial(serial: number): number {
  return Math.round(serial * DAY_MS) + EPOCH_MS
}

/** Ahead of UTC is `+`, other than in `Etc/GMT+7`, which the runtime knows. */
const OFFSET = /^(?:GMT|UTC|UT|Z)?([+-])(\d{1,2})(?::?([0-5]\d)(?::?([0-5]\d))?)?$/i

/** Milliseconds that a custom time zone is ahead of UTC; undefined for a name that is none. */
function customOffset(name: string): number | undefined {
  const text = name.replace(/\s/g, '').replace('\u2212', '-')
  if (/^(GMT|UTC|UT|Z)$/i.test(text)) return 0
  const [, sign, hours, minutes = '0', seconds = '0'] = OFFSET.exec(text) ?? []
  if (hours === undefined || Number(hours) > 23) return undefined
  const ahead = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  return sign === '-' ? -ahead : ahead
}

function makeZone(name: string): Zone {
  const custom = customOffset(name)
  const found = custom === undefined ? offsetFinder(name) : () => custom
  const offsetAt = found ?? (() => 0)
  return {
    name,
    isKnown: found !== undefined,
    toSerial: (at) => dateSerial(at + offsetAt(at)),
    fromSerial: (serial) => {
      const local = fromDateSerial(serial)
      // The offset is known by moment, not by local time: try the offsets before and after.
      const early = offsetAt(local - DAY_MS)
      const late = offsetAt(local + DAY_MS)
      if (offsetAt(local - early) === early) return local - early
      if (offsetAt(local - late) === late) return local - late
      return local - early
    },
  }
}

/** Milliseconds that the zone's clock is ahead of UTC, by moment; undefined for a zone that the runtime does not know. */
function offsetFinder(name: string): ((at: number) => number) | undefined {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    return undefined
  }
  const slots = new Map<number, number>()
  return (at) => {
    if (at < SLOTS_FROM_MS) return measure(format, at)
    const slot = Math.floor(at / SLOT_MS)
    let offset = slots.get(slot)
    if (offset === undefined) {
      if (slots.size >= MAX_SLOTS) slots.clear()
      offset = measure(format, slot * SLOT_MS)
      slots.set(slot, offset)
    }
    return offset
  }
}

function measure(format: Intl.DateTimeFormat, at: number): number {
  const whole = Math.floor(at / 1000) * 1000
  const part: Record<string, number> = {}
  let era = 'AD'
  for (const { type, value } of format.formatToParts(whole)) {
    if (type === 'era') era = value
    else part[type] = Number(value)
  }
  const year = era.startsWith('B') ? 1 - (part.year ?? 1) : (part.year ?? 0)
  const local = new Date(0)
  local.setUTCFullYear(year, (part.month ?? 1) - 1, part.day ?? 1)
  local.setUTCHours(part.hour ?? 0, part.minute ?? 0, part.second ?? 0, 0)
  return local.getTime() - whole
}
