import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { type Cell, compact, type RichCell, richOf, type Scalar } from '../model/cell.ts'
import { invalid, unsupported } from '../model/errors.ts'
import { applyMask, below, type Mask } from '../model/field-mask.ts'
import type { Spreadsheet, Tab } from '../model/spreadsheet.ts'
import { DEFAULT_FORMAT } from './default-format.ts'
import { CellError, type Value } from './formula-functions.ts'
import { Renderer } from './render.ts'
import { assertCellLength } from './write.ts'

const READ_ONLY = new Set(['effectiveValue', 'formattedValue', 'effectiveFormat', 'hyperlink'])
const WRITABLE = new Set([
  'userEnteredValue',
  'userEnteredFormat',
  'note',
  'dataValidation',
  'textFormatRuns',
])

/** Writes CellData into a cell under a mask whose root is the CellData; a masked field that is absent is reset. */
export type CellWriter = (before: Cell, data: sheets_v4.Schema$CellData | undefined) => Cell

/**
 * Prepares the writer of a mask once for many cells.
 * @throws ApiError 501 for fields that the emulator does not keep
 */
export function cellWriter(mask: Mask): CellWriter {
  const all = mask.fields.has('*') || mask.fields.size === 0
  for (const name of mask.fields.keys()) {
    if (name !== '*' && !WRITABLE.has(name) && !READ_ONLY.has(name))
      throw unsupported(`writing CellData.${name}`)
  }
  const value = all || mask.fields.has('userEnteredValue')
  const note = all || mask.fields.has('note')
  const validation = all || mask.fields.has('dataValidation')
  const runs = all || mask.fields.has('textFormatRuns')
  const format = all ? { fields: new Map() } : mask.fields.get('userEnteredFormat')
  const onlyValue = value && !note && !validation && !runs && !format

  return (before, data) => {
    if (onlyValue && typeof before !== 'object') return compact(scalarOf(data?.userEnteredValue))
    const rich = richOf(before)
    const next: RichCell = {
      ...(value ? scalarOf(data?.userEnteredValue) : { value: rich.value, formula: rich.formula }),
      note: note ? (data?.note ?? undefined) : rich.note,
      validation: validation ? (data?.dataValidation ?? undefined) : rich.validation,
      runs: runs ? (data?.textFormatRuns ?? undefined) : value ? undefined : rich.runs,
      format: format ? sharedFormat(merged(rich.format, data?.userEnteredFormat, format)) : rich.format,
    }
    return compact(next)
  }
}

/** The value or formula of an ExtendedValue. */
function scalarOf(value: sheets_v4.Schema$ExtendedValue | null | undefined): {
  value?: Scalar
  formula?: string
} {
  if (!value) return {}
  const kinds = Object.keys(value).filter((key) => value[key as keyof typeof value] != null)
  if (kinds.length > 1) {
    throw invalid(`Invalid value: oneof field 'value' is already set. Cannot set '${kinds[1]}'`)
  }
  assertCellLength(value.stringValue ?? value.formulaValue)
  if (value.formulaValue != null) {
    return value.formulaValue.startsWith('=')
      ? { formula: value.formulaValue }
      : { value: value.formulaValue }
  }
  const scalar = value.stringValue ?? value.numberValue ?? value.boolValue
  return scalar == null ? {} : { value: scalar }
}

/** Reads cells as CellData, only the fields that a mask wants. */
export class CellReader {
  readonly #renderer: Renderer
  readonly #wants: (name: string) => boolean
  readonly #mask: Mask
  /** False when the mask goes deeper than the fields of CellData. */
  readonly #flat: boolean

  /** @param mask its root is the CellData */
  constructor(spreadsheet: Spreadsheet, mask: Mask) {
    this.#renderer = new Renderer(spreadsheet)
    this.#mask = mask
    this.#wants = (name) => below(mask, name) !== undefined
    this.#flat = [...mask.fields.values()].every(({ fields }) => fields.size === 0)
  }

  /** @returns the CellData of a cell; `{}` for a blank one */
  read(tab: Tab, row: number, column: number, cell: Cell): sheets_v4.Schema$CellData {
    if (cell === undefined) return {}
    const data = this.#read(tab, row, column, cell)
    return this.#flat ? data : (applyMask(data, this.#mask) as sheets_v4.Schema$CellData)
  }

  #read(tab: Tab, row: number, column: number, cell: Cell): sheets_v4.Schema$CellData {
    const data: sheets_v4.Schema$CellData = {}
    const rich = richOf(cell)
    const wants = this.#wants
    if (rich.formula !== undefined || rich.value !== undefined) {
      if (wants('userEnteredValue')) {
        data.userEnteredValue =
          rich.formula === undefined ? extended(rich.value) : { formulaValue: rich.formula }
      }
      if (wants('effectiveValue'))
        data.effectiveValue = extended(this.#renderer.effective(tab, row, column, cell))
      if (wants('formattedValue')) {
        const options = { value: 'FORMATTED_VALUE', dateTime: 'SERIAL_NUMBER' } as const
        data.formattedValue = String(this.#renderer.render(tab, row, column, cell, options))
      }
      if (wants('hyperlink')) {
        const link = /^=HYPERLINK\("([^"]*)"/i.exec(rich.formula ?? '')?.[1]
        if (link !== undefined) data.hyperlink = link
      }
    }
    if (rich.format && wants('userEnteredFormat')) data.userEnteredFormat = rich.format
    if ((rich.format || rich.value !== undefined || rich.formula !== undefined) && wants('effectiveFormat')) {
      data.effectiveFormat = { ...DEFAULT_FORMAT, ...rich.format }
    }
    if (rich.note && wants('note')) data.note = rich.note
    if (rich.validation && wants('dataValidation')) data.dataValidation = rich.validation
    if (rich.runs && wants('textFormatRuns')) data.textFormatRuns = rich.runs
    return data
  }
}

function extended(value: Value): sheets_v4.Schema$ExtendedValue {
  if (value instanceof CellError)
    return { errorValue: { type: value.type, ...(value.reason && { message: value.reason }) } }
  if (typeof value === 'number') return { numberValue: value }
  if (typeof value === 'boolean') return { boolValue: value }
  return value === undefined ? {} : { stringValue: value }
}

/** A masked part of a message: what the mask names is taken from `data`, or removed when `data` has none. */
function merged<T extends object>(
  before: T | undefined,
  data: T | null | undefined,
  mask: Mask,
): T | undefined {
  if (mask.fields.size === 0 || mask.fields.has('*'))
    return data && Object.keys(data).length > 0 ? data : undefined
  const result: Record<string, unknown> = { ...before }
  for (const [name, child] of mask.fields) {
    const old = result[name] as object | undefined
    const value = (data as Record<string, unknown> | null | undefined)?.[name]
    const message = value !== null && typeof value === 'object' && !Array.isArray(value)
    const next = message || child.fields.size > 0 ? merged(old, message ? value : undefined, child) : value
    if (next == null) delete result[name]
    else result[name] = next
  }
  return Object.keys(result).length > 0 ? (result as T) : undefined
}

const SHARED = new Map<string, WeakRef<object>>()

/** One object for equal formats: a column of dates would otherwise keep a format a cell. */
export function sharedFormat<T extends object>(format: T | undefined): T | undefined {
  if (!format) return undefined
  const key = JSON.stringify(format)
  const known = SHARED.get(key)?.deref()
  if (known) return known as T
  if (SHARED.size > 10_000) SHARED.clear()
  SHARED.set(key, new WeakRef(format))
  return format
}
