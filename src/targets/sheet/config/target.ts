import { z } from 'zod'
import {
  type ConflictStrategy,
  conflictSchema,
  DEFAULT_CONFLICT,
  ROW_DELETED_POLICIES,
  type RowDeletedPolicy,
} from '../../../config/conflict.ts'
import { commonOptions, functionOfRecord } from '../../../config/target-options.ts'
import type { Target } from '../../../model/target.ts'
import { type Edits, editsSchema } from './edits.ts'
import { SPREADSHEET_ID, spreadsheetIdIn } from './spreadsheet-id.ts'

/**
 * What happens to a row whose record was deleted.
 * - `remove`: the row is deleted (default)
 * - `clear`: the mapped cells are emptied, the key stays, so that notes beside it stay where they are
 * - `mark`: the row stays as it is and its `Deleted` column says TRUE
 */
export const DELETE_POLICIES = ['remove', 'clear', 'mark'] as const
export type DeletePolicy = (typeof DELETE_POLICIES)[number]

const TAB_TITLE = "expected the tab's title, 1 to 100 characters"

/** Header of the column that `onDelete: 'mark'` writes. */
export const MARK_HEADER = 'Deleted'

const header = z
  .string()
  .trim()
  .min(1, 'expected a header text')
  .max(200, 'expected a header text of at most 200 characters')
  .refine(isShowable, 'expected a header text without NUL and halves of characters')

/** What Postgres stores and a cell shows. */
function isShowable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

const columnSchema = z.strictObject({
  header,
  field: z.string().min(1).optional(),
  value: functionOfRecord<unknown>().optional(),
  conflict: conflictSchema.optional(),
  writable: z.boolean().optional(),
})

/** One column of a target: a field of the record, or a header with a function of the record. */
export interface Column {
  /** Text of the header cell by which the column is found. */
  readonly header: string
  /** Field whose value the column shows; undefined for a computed column. */
  readonly field?: string | undefined
  /** Computes the cell from the record (with the target's `include`); undefined for a field column. */
  readonly value?: ((record: never) => unknown) | undefined
  /** What happens to an edited cell of this column; undefined for what the target says. */
  readonly conflict?: ConflictStrategy | undefined
  /** Whether what people type into the column is written to the field. */
  readonly writable?: boolean | undefined
}

/** Shape check of one target. What needs the data model is checked in `defineConfig`. */
export const sheetTargetSchema = z.strictObject({
  ...commonOptions,
  spreadsheetId: z
    .string()
    .refine((text) => spreadsheetIdIn(text) !== undefined, SPREADSHEET_ID)
    .transform((text) => spreadsheetIdIn(text) ?? text),
  tab: z
    .string()
    .min(1, TAB_TITLE)
    .max(100, TAB_TITLE)
    .refine((title) => title.trim() !== '' && isShowable(title), TAB_TITLE),
  key: header.default('ID'),
  columns: z.array(columnSchema).min(1, 'expected one column or more'),
  onDelete: z.enum(DELETE_POLICIES).default('remove'),
  conflict: conflictSchema.default(DEFAULT_CONFLICT),
  onRowDeleted: z.enum(ROW_DELETED_POLICIES).default('restore'),
  edits: editsSchema.optional(),
})

/** A tab of a spreadsheet that follows the records of a model, as the worker sees it. */
export interface SheetTarget extends Target {
  readonly kind: 'sheet'
  /** The spreadsheet's id. It is also the lane: everything in one spreadsheet is written by one writer at a time. */
  readonly spreadsheetId: string
  /** Title of the tab when it is first made or found. Later the tab is known by its sheetId. */
  readonly tab: string
  /** Header of the column that holds the record's id. */
  readonly key: string
  readonly columns: readonly Column[]
  readonly onDelete: DeletePolicy
  /** What happens to a cell that somebody edited in the sheet. */
  readonly conflict: ConflictStrategy
  /** What happens when a person deleted the row of a record that still exists. */
  readonly onRowDeleted: RowDeletedPolicy
  /** What becomes of people's edits; undefined for a tab that nothing comes back from. */
  readonly edits?: Edits | undefined
}
