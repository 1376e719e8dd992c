import { type Base, type BaseCell, isSettled, sameBase } from '../cells/base.ts'
import { type CellValue, isEmpty, MAX_CELL_LENGTH, type SheetCell } from '../cells/cell.ts'
import { type CellLook, PLAIN, type RowLooks } from '../cells/look.ts'
import { cleanText } from '../cells/scalars.ts'
import type { Zone } from '../cells/zone.ts'
import type { DeletedRowsPolicy } from '../config/edits.ts'
import type { DeletePolicy } from '../config/target.ts'
import type { Mapping } from '../tab/mapping.ts'
import { codecFor, timesOf } from './column-reading.ts'
import { type ConflictNote, decideCell } from './decide-cell.ts'
import { marked, marksToWrite, type RowMarks } from './marks.ts'

/** What happens to a record's row. Cells are listed by the index of their column in the mapping. */
export type RowAction =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'update'
      readonly row: number
      readonly cells: ReadonlyMap<number, CellValue>
      /** How cells are to look, by column of the tab: marks of refused edits come and go. @defaultValue as they do */
      readonly marks?: RowLooks
      /** True to write the key as well: somebody emptied it, or it is something else now. */
      readonly withKey: boolean
    }
  | {
      readonly kind: 'append'
      readonly cells: readonly CellValue[]
      /** How the key cell is to look. @defaultValue plain */
      readonly mark?: CellLook
    }
  | { readonly kind: 'remove'; readonly row: number }
  /** Empties columns of a row that is no record's, and its key where it has one. */
  | {
      readonly kind: 'empty'
      readonly row: number
      readonly columns: readonly number[]
      /** See `update`. */
      readonly marks?: RowLooks
      readonly withKey: boolean
    }

/** What is decided about a record. */
export interface RecordDecision {
  readonly id: string
  readonly action: RowAction
  /** What `write` reports once the action is done. */
  readonly change: 'written' | 'unchanged' | 'removed' | 'kept'
  /** The base to store: `null` to forget the record, undefined when what is stored is right. */
  readonly base: Base | null | undefined
  /** True to store that a person deleted the row. */
  readonly missing: boolean
  readonly conflicts: readonly ConflictNote[]
  /** Headers whose open conflicts are over. */
  readonly agreed: readonly string[]
  /** What a person typed into writable columns. @defaultValue nothing */
  readonly edits?: readonly EditNote[]
  /** What a row shows that is to become the record, by header: it is marked as the record's. @defaultValue it is none */
  readonly entry?: Readonly<Record<string, SheetCell>>
  /** True when a person removed the row, and the record is to be deleted for it. @defaultValue false */
  readonly deletes?: boolean
  /** True for a row that is to become a record: what stands there is what a person typed. @defaultValue false */
  readonly isEntry?: boolean
  /** True for a decision about another row with the record's key, which says nothing about the record. */
  readonly isCleanup?: boolean
}

/** A cell of a writable column that a person edited. */
export interface EditNote {
  readonly header: string
  readonly base: SheetCell
  readonly shown: SheetCell
  /** True for a cell whose edit was refused before: the database's value has changed since. */
  readonly isOld: boolean
}

/** What is known about a record when its row is decided. */
export interface RecordCase {
  readonly id: string
  /** The record, or undefined when it is deleted or filtered out. */
  readonly record: object | undefined
  /** Its cells, in the order of the mapping's columns; undefined with the record. */
  readonly wanted: readonly CellValue[] | undefined
  /** Its row in the sheet, or undefined. */
  readonly row: SheetRow | undefined
  /** What was last agreed, or undefined for a record that was never written. */
  readonly base: Base | undefined
  /** True to store it in any case: what is stored beside it, of a call that was lost, is over then. */
  readonly mustStore?: boolean
  /** Why edits of the record were refused, by header. */
  readonly refused?: ReadonlyMap<string, string> | undefined
  /** True when a row that is not there must have been lost by the library's own doing, not by a person's. */
  readonly mustExist?: boolean
  /** True when a row may be its own whose key somebody emptied: nobody deleted it then. */
  readonly mayHaveRow?: boolean
}

/** A row of the sheet. */
export interface SheetRow {
  readonly index: number
  /** False for a row whose key somebody emptied, or that is something else now. */
  readonly hasKey: boolean
  /** Cells in the order of the mapping's columns. A column that has just been made has undefined. */
  readonly cells: readonly (SheetCell | undefined)[]
  /** Cells of the columns that say when a row was edited, by header. */
  readonly edited: ReadonlyMap<string, SheetCell>
  /** Undefined where refusals are not marked. */
  readonly marks?: RowMarks | undefined
}

/** Decides what happens to a record's row. Pure, except for the configuration's functions. */
export function decideRecord(mapping: Mapping, zone: Zone, given: RecordCase): RecordDecision {
  if (given.wanted === undefined) return decideDeleted(mapping, mapping.target.onDelete, given)
  if (given.row === undefined) return decideMissing(mapping, rowDeletedPolicy(mapping), given, given.wanted)
  return decideRow(mapping, zone, given, given.wanted, given.row)
}

function decideRow(
  mapping: Mapping,
  zone: Zone,
  given: RecordCase,
  wanted: readonly CellValue[],
  row: SheetRow,
): RecordDecision {
  const cells = new Map<number, CellValue>()
  const base: Record<string, BaseCell> = {}
  const conflicts: ConflictNote[] = []
  const agreed: string[] = []
  const edits: EditNote[] = []
  const refused: EditNote[] = []
  const reasons = new Map<number, string>()
  let kept = false
  mapping.columns.forEach((column, index) => {
    const known = row.cells[index] === undefined ? undefined : given.base?.[column.header]
    const decision = decideCell({
      header: column.header,
      // It stands after the columns that it speaks of.
      wanted:
        index === mapping.refusalColumn ? refusalText(named(mapping, reasons)) : (wanted[index] ?? null),
      sheet: row.cells[index] ?? null,
      base: known,
      strategy: column.strategy,
      isWritable: column.isWritable,
      codec: () => codecFor(column, given.record),
      zone,
      times: () => timesOf(column, given.record, row.edited, zone),
    })
    if (decision.write !== undefined) cells.set(index, decision.write)
    if (decision.conflict) conflicts.push(decision.conflict)
    if (decision.edit) edits.push({ header: column.header, ...decision.edit })
    base[column.header] = decision.base
    const differs =
      isSettled(decision.base) || decision.edit !== undefined || decision.conflict?.open === true
    const reason = differs && !decision.edit ? given.refused?.get(column.header) : undefined
    if (reason !== undefined) {
      reasons.set(index, reason)
      if (isSettled(decision.base))
        refused.push({
          header: column.header,
          base: decision.base.from,
          shown: decision.base.kept,
          isOld: true,
        })
    }
    if (differs) kept = true
    else agreed.push(column.header)
  })
  // A check looks at the whole record: what it refused may be right since something else in the row has changed.
  const isStirred =
    edits.length > 0 ||
    agreed.some((header) => given.refused?.has(header)) ||
    [...cells.keys()].some((index) => index !== mapping.refusalColumn)
  if (isStirred) edits.push(...refused)
  const marks = marksOf(mapping, given, row, reasons)
  const written = cells.size > 0 || marks.size > 0 || !row.hasKey
  if (!row.hasKey) agreed.push(mapping.target.key)
  return {
    id: given.id,
    action: written
      ? { kind: 'update', row: row.index, cells, marks, withKey: !row.hasKey }
      : { kind: 'none' },
    change: written ? 'written' : kept ? 'kept' : 'unchanged',
    // What was stored of a column is forgotten when it is made again.
    base: !given.mustStore && isStored(given.base, base) && !row.cells.includes(undefined) ? undefined : base,
    missing: false,
    conflicts,
    agreed,
    edits,
  }
}

/** How cells of a row are to look. @param reasons why cells are refused, by index of their column in the mapping */
function marksOf(
  mapping: Mapping,
  { refused }: RecordCase,
  { marks }: SheetRow,
  reasons: ReadonlyMap<number, string> = new Map(),
): RowLooks {
  const at = (index: number) => marks?.columns[index] ?? -1
  const known = mapping.columns.flatMap(({ header }, index) => (refused?.has(header) ? [at(index)] : []))
  return marksToWrite(marks, new Map([...reasons].map(([index, why]) => [at(index), why])), new Set(known))
}

function named({ columns }: Mapping, reasons: ReadonlyMap<number, string>): string[] {
  return [...reasons].map(([index, reason]) => `${columns[index]?.header}: ${reason}`)
}

/** What the column of refusals says. */
export function refusalText(reasons: readonly string[]): CellValue {
  return reasons.length === 0 ? null : cleanText(reasons.join('\n')).slice(0, MAX_CELL_LENGTH)
}

/** What a row means that a person removed. */
export function rowDeletedPolicy({ target }: Pick<Mapping, 'target'>): DeletedRowsPolicy {
  return target.edits?.deletedRows ?? target.onRowDeleted
}

/** The record exists and has no row: it is new, or somebody deleted the row. */
function decideMissing(
  mapping: Mapping,
  policy: DeletedRowsPolicy,
  given: RecordCase,
  wanted: readonly CellValue[],
): RecordDecision {
  if (given.base !== undefined && policy === 'keep-away' && !given.mustExist) {
    return { ...nothing(given.id, 'kept'), missing: true }
  }
  // A deletion that was refused brings the row back, with the reason.
  const refusal = given.refused?.get('')
  const isKept = given.mustExist || given.mayHaveRow || refusal !== undefined
  if (given.base !== undefined && policy === 'delete' && !isKept)
    return { ...nothing(given.id, 'kept'), missing: true, deletes: true }
  const cells = mapping.columns.map((_, index) =>
    index === mapping.refusalColumn
      ? refusalText(refusal === undefined ? [] : [refusal])
      : (wanted[index] ?? null),
  )
  const base = Object.fromEntries(mapping.columns.map(({ header }, index) => [header, cells[index] ?? null]))
  return {
    id: given.id,
    action: {
      kind: 'append',
      cells,
      ...(mapping.marksRefusals && refusal !== undefined && { mark: marked(PLAIN, refusal) }),
    },
    change: 'written',
    base,
    missing: false,
    conflicts: [],
    agreed: [...mapping.columns.map(({ header }) => header), ...(refusal === undefined ? [] : [''])],
  }
}

function decideDeleted(mapping: Mapping, policy: DeletePolicy, given: RecordCase): RecordDecision {
  const { id, row } = given
  const over = {
    base: null,
    missing: false,
    conflicts: [],
    agreed: mapping.columns.map(({ header }) => header),
  }
  const forget = given.base === undefined ? { ...over, base: undefined } : over
  if (row === undefined) return { id, action: { kind: 'none' }, change: 'unchanged', ...forget }
  if (policy === 'remove')
    return { id, action: { kind: 'remove', row: row.index }, change: 'removed', ...forget }
  const cells = new Map<number, CellValue>()
  if (policy === 'mark') {
    if (row.cells[mapping.markColumn] !== true) cells.set(mapping.markColumn, true)
  } else {
    row.cells.forEach((cell, index) => {
      if (!isEmpty(cell)) cells.set(index, null)
    })
  }
  const marks = marksOf(mapping, given, row)
  if (cells.size + marks.size === 0) return { id, action: { kind: 'none' }, change: 'unchanged', ...forget }
  return {
    id,
    action: { kind: 'update', row: row.index, cells, marks, withKey: false },
    change: 'removed',
    ...forget,
  }
}

/** A decision that leaves everything as it is. */
export function nothing(id: string, change: RecordDecision['change']): RecordDecision {
  return { id, action: { kind: 'none' }, change, base: undefined, missing: false, conflicts: [], agreed: [] }
}

function isStored(stored: Base | undefined, base: Base): boolean {
  if (stored === undefined) return false
  const headers = Object.keys(base)
  return (
    headers.length === Object.keys(stored).length &&
    headers.every((header) => sameBase(stored[header], base[header]))
  )
}
