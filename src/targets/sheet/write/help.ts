import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { DEFAULT_CONFLICT } from '../../../config/conflict.ts'
import type { Field } from '../../../model/data-model.ts'
import { type Choices, relationOf } from '../tab/choices.ts'
import type { Mapping } from '../tab/mapping.ts'

/** Values that a drop-down may have; more are not looked through, and a batch would grow with them. */
const MAX_VALUES = 500

/** What helps a person who fills a column. */
export interface Help {
  /** What the header's note says. */
  readonly note: string
  /** What the cells of a writable column take; undefined where a cell takes any text or number. */
  readonly rule?: sheets_v4.Schema$DataValidationRule
  /** True where rows that stand for a record have a checkbox instead. */
  readonly isBox?: boolean
  /** True for a list of values that come and go with records. */
  readonly isChoice?: boolean
}

/**
 * The rule of a checkbox, for rows that stand for a record only. Users report that rows are added below checkboxes of rows that
 * are empty (n8n-io/n8n#9950), and a rule of a whole column reaches to the end of the tab. Not strict: where people keep rows of
 * their own below, one may get it, and has to take what they type.
 */
export const BOX: sheets_v4.Schema$DataValidationRule = {
  condition: { type: 'BOOLEAN' },
  strict: false,
  showCustomUi: true,
}

/**
 * Help for a column of a tab that people may change.
 * @param index of the column among the mapping's, -1 for the key's
 * @param choices what people may choose in columns of foreign keys
 * @returns undefined where the target wants none
 */
export function helpOf(mapping: Mapping, index: number, choices?: Choices): Help | undefined {
  const { target, model, enums, columns, refusalColumn, markColumn } = mapping
  if (!target.edits?.help) return undefined
  const column = columns[index]
  if (column === undefined) return { note: 'The key by which the row is found. Leave it as it is.' }
  if (index === refusalColumn) return { note: 'Says why something that was typed has not been taken.' }
  if (index === markColumn) return { note: 'TRUE where the record is deleted.' }
  if (!column.isWritable) {
    const isOver = column.strategy === DEFAULT_CONFLICT
    return { note: `Comes from the database${isOver ? '; what is typed here is written over' : ''}.` }
  }
  const field = model.fields[target.columns[index]?.field ?? '']
  if (relationOf(mapping, index)) {
    const list = choices?.get(column.header)
    // Not strict: a record may have been added since, and the database says whether there is one.
    const rule = list && { ...listOf(list, 'Choose one of the list.'), strict: false }
    return {
      note: `People may change this column.${rule ? ` ${rule.inputMessage}` : ''}`,
      isChoice: true,
      ...(rule && { rule }),
    }
  }
  const rule = field && ruleOf(field, Object.keys((field.kind === 'enum' && enums[field.type]?.values) || {}))
  return {
    note: `People may change this column.${rule ? ` ${rule.inputMessage}` : ''}`,
    ...(rule && { rule }),
    ...(mapping.boxes.has(index) && { isBox: true }),
  }
}

/**
 * The request that gives the cells of a column a rule, from a row on.
 * @param rule undefined to take it away
 * @param endRow the row after the last one. @defaultValue the end of the tab
 */
export function ruleRequest(
  sheetId: number,
  column: number,
  fromRow: number,
  rule: sheets_v4.Schema$DataValidationRule | undefined,
  endRow?: number,
): sheets_v4.Schema$Request {
  const rows = { startRowIndex: fromRow, ...(endRow !== undefined && { endRowIndex: endRow }) }
  return {
    setDataValidation: {
      range: { sheetId, ...rows, startColumnIndex: column, endColumnIndex: column + 1 },
      ...(rule && { rule }),
    },
  }
}

function ruleOf(field: Field, names: readonly string[]): sheets_v4.Schema$DataValidationRule | undefined {
  if (field.kind === 'enum' && !field.isList && names.length > 0 && names.length <= MAX_VALUES)
    return listOf(names, 'Choose one of the list.')
  if (field.kind !== 'scalar' || field.isList) return undefined
  if (field.type === 'Boolean') return listOf(['TRUE', 'FALSE'], 'Choose TRUE or FALSE.')
  if (field.type !== 'DateTime' || /^Timet?z?$/.test(field.nativeType ?? '')) return undefined
  const isDay = field.nativeType === 'Date'
  return {
    condition: { type: 'DATE_IS_VALID' },
    // A moment may also be typed with its zone, which a sheet does not take for a date.
    strict: isDay,
    inputMessage: isDay
      ? 'Type a date, such as 2026-11-29.'
      : 'Type a date and a time, such as 2026-11-29 14:30.',
  }
}

function listOf(names: readonly string[], inputMessage: string): sheets_v4.Schema$DataValidationRule {
  const values = names.map((userEnteredValue) => ({ userEnteredValue }))
  return { condition: { type: 'ONE_OF_LIST', values }, strict: true, showCustomUi: true, inputMessage }
}
