import { type ConflictStrategy, DEFAULT_CONFLICT, timesOf } from '../../../config/conflict.ts'
import { isThenable } from '../../../config/describe.ts'
import { messageOf, WritebackError } from '../../../errors.ts'
import type { DataModel, Model } from '../../../model/data-model.ts'
import { assertIdentifiable } from '../../../model/record-id.ts'
import { type CellValue, isEmpty, type SheetCell } from '../cells/cell.ts'
import { type Codec, fitting } from '../cells/codec.ts'
import { fieldCodec, valueCodec } from '../cells/column-codec.ts'
import type { CellFormat } from '../cells/format.ts'
import { exactNumber, plainText } from '../cells/number.ts'
import { booleanCodec, textCodec } from '../cells/scalars.ts'
import type { Zone } from '../cells/zone.ts'
import { REFUSAL_HEADER } from '../config/edits.ts'
import { MARK_HEADER, type SheetTarget } from '../config/target.ts'

/** A column of a target, ready to be used. */
export interface MappedColumn {
  readonly header: string
  readonly codec: Codec
  /** The value the column shows of a record; undefined for the column that marks deleted records. */
  readonly read: ((record: object) => unknown) | undefined
  /** What happens to an edited cell. */
  readonly strategy: ConflictStrategy
  /** Whether an edited cell goes to the database, where its strategy decides. */
  readonly isWritable: boolean
}

/** Whether a person's value may stand in the column, or a part of it. */
export function maySheetWin(column: MappedColumn | undefined): boolean {
  return column !== undefined && (column.isWritable || column.strategy !== DEFAULT_CONFLICT)
}

/** A target with what its columns need, worked out once. Cells of a record are listed in the order of `columns`. */
export interface Mapping {
  readonly target: SheetTarget
  readonly model: Model
  /** The enums of the data model: what can be a key of the tab. */
  readonly enums: DataModel['enums']
  /** All columns but the key's: those of the target, then the mark, then the reasons of refused edits, where it has them. */
  readonly columns: readonly MappedColumn[]
  /** Index among the columns of the one that marks deleted records, or -1. */
  readonly markColumn: number
  /** Index among the columns of the one that says why edits were refused, or -1. */
  readonly refusalColumn: number
  /** Whether refused cells are marked with a note and a background, so that how cells look has to be read. */
  readonly marksRefusals: boolean
  /** Indexes of columns that people fill by a checkbox: writable ones of a Boolean that is always there. */
  readonly boxes: ReadonlySet<number>
  /** Headers of columns that are not ours but that a strategy looks at. */
  readonly otherHeaders: readonly string[]
  /** Address of the service account that writes the tab; undefined where there is none. */
  readonly account?: string | undefined
}

/**
 * Works out how a target's records become cells.
 * @param account address of the service account that writes the tab
 * @throws WritebackError `CONFIG_INVALID` or `CELL_UNSUPPORTED` when model or columns cannot be mirrored
 */
export function mapTarget(target: SheetTarget, dataModel: DataModel, account?: string): Mapping {
  const model = assertIdentifiable(dataModel, target.model)
  const columns: MappedColumn[] = target.columns.map(({ header, field, value, conflict, writable }) => {
    const strategy = conflict ?? target.conflict
    const isWritable = writable === true
    if (field === undefined)
      return { header, codec: valueCodec, read: value as (record: object) => unknown, strategy, isWritable }
    const known = model.fields[field]
    if (!known) {
      throw new WritebackError('CONFIG_INVALID', {
        problem: `target ${target.name} shows an unknown field`,
        expected: `a field of ${model.name}`,
        got: field,
        remedy: 'Run prisma generate if the field is new',
      })
    }
    return {
      header,
      codec: fieldCodec(known),
      read: (record) => (record as Record<string, unknown>)[field],
      strategy,
      isWritable,
    }
  })
  const own = { read: undefined, strategy: DEFAULT_CONFLICT, isWritable: false } as const
  const marks = target.onDelete === 'mark'
  if (marks) columns.push({ header: MARK_HEADER, codec: booleanCodec, ...own })
  const markColumn = marks ? columns.length - 1 : -1
  const tells = target.edits !== undefined && target.edits.refusals === 'column'
  if (tells) columns.push({ header: REFUSAL_HEADER, codec: textCodec, ...own })
  const otherHeaders = [...new Set(columns.flatMap(({ strategy }) => timesOf(strategy)?.header ?? []))]
  return {
    target,
    model,
    enums: dataModel.enums,
    columns,
    markColumn,
    refusalColumn: tells ? columns.length - 1 : -1,
    marksRefusals: target.edits?.refusals === 'note',
    boxes: new Set([...columns.keys()].filter((at) => columns[at]?.isWritable && isBox(target, model, at))),
    otherHeaders,
    account,
  }
}

/** Null is not FALSE: a checkbox could not show the difference. */
function isBox({ columns }: SheetTarget, model: Model, at: number): boolean {
  const field = model.fields[columns[at]?.field ?? '']
  return field?.kind === 'scalar' && field.type === 'Boolean' && field.isRequired && !field.isList
}

/** Whether a row shows nothing that somebody filled in: a checkbox that nobody ticked is FALSE. */
export function isBlankRow({ boxes }: Mapping, cells: readonly (SheetCell | undefined)[]): boolean {
  return cells.every((cell, at) => isEmpty(cell) || (cell === false && boxes.has(at)))
}

/**
 * The cells of a record, in the order of the mapping's columns.
 * @param dates takes the headers of computed columns whose value is a date, which only the values tell
 * @throws WritebackError as {@link encodeCell} does
 */
export function encodeRow(mapping: Mapping, record: object, zone: Zone, dates?: Set<string>): CellValue[] {
  return mapping.columns.map((column) => encodeCell(column, record, zone, dates))
}

/**
 * What a column shows of a record.
 * @throws WritebackError `CELL_TOO_LONG` or `CELL_UNSUPPORTED` for a value that no cell takes, `COLUMN_FAILED` when a
 * computed column's function throws or is asynchronous; each names the column
 */
export function encodeCell(
  { header, codec, read }: MappedColumn,
  record: object,
  zone: Zone,
  dates?: Set<string>,
): CellValue {
  if (read === undefined) return null
  let value: unknown
  try {
    value = read(record)
  } catch (error) {
    throw new WritebackError('COLUMN_FAILED', {
      problem: `the function of column "${header}" threw (${error instanceof Error ? error.name : typeof error})`,
      remedy: 'Make it return a value for every record',
      cause: error,
    })
  }
  refusePromise(header, value)
  if (codec === valueCodec && value instanceof Date) dates?.add(header)
  try {
    return fitting(codec.encode(value, zone))
  } catch (error) {
    throw inColumn(header, error)
  }
}

/** A promise, or a list of some, would be written as `{}`, and Node ends a process for one that is rejected. */
function refusePromise(header: string, value: unknown): void {
  const promises = (Array.isArray(value) ? value : [value]).filter(isThenable)
  if (promises.length === 0) return
  for (const one of promises) if (one instanceof Promise) one.catch(() => {})
  throw new WritebackError('COLUMN_FAILED', {
    problem: `the function of column "${header}" is asynchronous`,
    expected: 'column functions must return a value',
    got: Array.isArray(value) ? 'a list with a Promise' : 'a Promise',
    remedy: "Read what it needs with the target's include, or store the value with the record",
  })
}

/** The format a column gets when it is made. */
export function formatOf(column: MappedColumn): CellFormat | undefined {
  return column.codec.format
}

/** True for models whose id is one Int: their keys are written as numbers, so that people can sort by them. */
export function hasNumberKey({ model }: Mapping): boolean {
  const field = model.fields[model.primaryKey[0] ?? '']
  return model.primaryKey.length === 1 && field?.kind === 'scalar' && field.type === 'Int'
}

/** The key cell of a record. */
export function keyCell(mapping: Mapping, id: string): CellValue {
  return hasNumberKey(mapping) ? (exactNumber(id) ?? id) : id
}

/** The id that a key cell names, or null for one that names none (empty, nothing but blanks, a formula). */
export function keyOf(cell: SheetCell | undefined): string | null {
  if (typeof cell === 'string') return cell.trim() === '' ? null : cell
  if (typeof cell === 'number') return plainText(cell)
  if (typeof cell === 'boolean') return String(cell)
  return null
}

function inColumn(header: string, error: unknown): unknown {
  if (!(error instanceof WritebackError)) return error
  const { code, problem, expected, got, remedy } = error
  return new WritebackError(code, {
    problem: `${problem} of column "${header}"`,
    ...(expected !== undefined && { expected }),
    ...(got !== undefined && { got }),
    ...(remedy !== undefined && { remedy }),
    cause: messageOf(error),
  })
}
