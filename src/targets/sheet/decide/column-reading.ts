import { timesOf as writerTimes } from '../../../config/conflict.ts'
import type { ChangeTimes } from '../../merge/values.ts'
import type { SheetCell } from '../cells/cell.ts'
import { listCodec, valueCodec } from '../cells/column-codec.ts'
import { dateTimeCodec, jsonCodec } from '../cells/scalars.ts'
import type { Zone } from '../cells/zone.ts'
import type { MappedColumn } from '../tab/mapping.ts'

/** A computed column has no type of its own: what it returns for this record says how its cell is read. */
export function codecFor({ codec, read }: MappedColumn, record: object | undefined) {
  if (codec !== valueCodec || read === undefined || record === undefined) return codec
  const value = read(record)
  if (value instanceof Date) return dateTimeCodec
  if (Array.isArray(value)) return listCodec
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
    ? jsonCodec
    : codec
}

/**
 * When both sides last changed a value, for a strategy that compares times.
 * @param edited cells of the columns that say when a row was edited, by header
 */
export function timesOf(
  { strategy }: MappedColumn,
  record: object | undefined,
  edited: ReadonlyMap<string, SheetCell>,
  zone: Zone,
): ChangeTimes {
  const times = writerTimes(strategy)
  if (times === undefined) return { database: null, place: null }
  const changed = (record as Record<string, unknown> | undefined)?.[times.field]
  const at = dateTimeCodec.decode(edited.get(times.header) ?? null, zone)
  return {
    database: changed instanceof Date ? changed : null,
    place: at instanceof Date && !Number.isNaN(at.getTime()) ? at : null,
  }
}
