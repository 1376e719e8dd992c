import type { Logger } from 'pino'
import type { Zone } from '../cells/zone.ts'

const said = new Set<string>()

/** Says in the log, once a process, that a spreadsheet has a time zone that nobody knows. */
export function warnOfZone(log: Logger, spreadsheetId: string, zone: Zone): void {
  const what = `${spreadsheetId} ${zone.name}`
  if (zone.isKnown || said.has(what)) return
  said.add(what)
  log.warn(
    { lane: spreadsheetId, timeZone: zone.name },
    'the time zone of the spreadsheet is not known: dates with a time are written in UTC',
  )
}
