import { type ConflictStrategy, timesOf } from '../../../config/conflict.ts'
import { checkCommon, whereOf } from '../../../config/target-options.ts'
import { wrongOption } from '../../../config/wrong-option.ts'
import { checked } from '../../../config/zod-error.ts'
import { madeId } from '../../../inbound/new-record-id.ts'
import type { DataModel, Model } from '../../../model/data-model.ts'
import { editsSchema, REFUSAL_HEADER } from './edits.ts'
import { headerKey } from './header.ts'
import { type Column, MARK_HEADER, type SheetTarget, sheetTargetSchema } from './target.ts'

/**
 * Checks what was given to `sheetTarget`, shape and names.
 * @throws WritebackError `CONFIG_INVALID` that names the target and every option that is wrong
 */
export function resolveSheetTarget(dataModel: DataModel, input: unknown): SheetTarget {
  const parsed = checked(
    sheetTargetSchema,
    withColumnsSpelledOut(input),
    whereOf('sheetTarget', dataModel, input),
  )
  const where = `target "${parsed.name}"`
  const model = checkCommon(dataModel, where, parsed)
  assertHeaders(where, parsed.key, parsed.columns, parsed.onDelete === 'mark')
  for (const [at, column] of parsed.columns.entries()) {
    const option = `columns.${at}`
    if ((column.field === undefined) === (column.value === undefined)) {
      const got = `both or neither for the header "${column.header}"`
      throw wrongOption(where, option, 'either a field or a value function', got)
    }
    if (column.field !== undefined) assertMirrorable(where, option, model, column.field)
    assertTimes(where, `${option}.conflict`, model, column.conflict)
  }
  assertWritable(where, model, parsed)
  assertTimes(where, 'conflict', model, parsed.conflict)
  return {
    kind: 'sheet',
    lane: parsed.spreadsheetId,
    fields: fieldsRead(parsed),
    ...parsed,
    ...(parsed.columns.some(({ writable }) => writable) && { edits: parsed.edits ?? editsSchema.parse({}) }),
    // A mark takes nothing away.
    ...(parsed.onDelete === 'mark' && { removalLimit: false }),
  }
}

/** A column may be written as the name of its field, which is then its header too. */
function withColumnsSpelledOut(input: unknown): unknown {
  if (typeof input !== 'object' || input === null || !('columns' in input) || !Array.isArray(input.columns)) {
    return input
  }
  const columns = input.columns.map((column: unknown) =>
    typeof column === 'string' ? { header: column, field: column } : column,
  )
  return { ...input, columns }
}

/** Columns are found by their headers, in which neither case nor blanks count. */
function assertHeaders(where: string, key: string, columns: readonly Column[], marks: boolean): void {
  const taken = new Map([[headerKey(key), `the key's, "${key}"`]])
  for (const [at, { header }] of columns.entries()) {
    const other = taken.get(headerKey(header))
    if (other !== undefined) {
      const got = `header "${header}" again (${other})`
      throw wrongOption(where, `columns.${at}.header`, 'every header once, whatever its case', got)
    }
    taken.set(headerKey(header), `"${header}"`)
  }
  if (marks && taken.has(headerKey(MARK_HEADER))) {
    const expected = `no header "${MARK_HEADER}" with onDelete: 'mark'`
    throw wrongOption(where, 'onDelete', expected, 'one of that name')
  }
}

function assertMirrorable(where: string, option: string, model: Model, name: string): void {
  const field = Object.hasOwn(model.fields, name) ? model.fields[name] : undefined
  const usable = field?.kind === 'enum' || (field?.kind === 'scalar' && field.type !== 'Bytes')
  if (usable) return
  const fields = Object.values(model.fields).filter((one) => one.kind === 'scalar' || one.kind === 'enum')
  const names = fields.map((one) => one.name).join(', ')
  throw wrongOption(where, option, `a field of ${model.name} that a cell can show (${names}; no Bytes)`, name)
}

/** Neither keys nor computed columns can be written, and a tab without writable columns has no edits. */
function assertWritable(
  where: string,
  model: Model,
  { columns, edits, key }: Pick<SheetTarget, 'columns' | 'edits' | 'key'>,
): void {
  for (const [at, { field, writable, header }] of columns.entries()) {
    if (!writable) continue
    const option = `columns.${at}.writable`
    if (field === undefined)
      throw wrongOption(where, option, 'a column that shows a field', `the computed "${header}"`)
    if (model.primaryKey.includes(field))
      throw wrongOption(where, option, 'a field that is no part of the key', field)
  }
  const writable = columns.filter((column) => column.writable)
  if (edits !== undefined && writable.length === 0)
    throw wrongOption(where, 'edits', 'one column or more with writable: true', 'none')
  if (writable.length === 0) return
  if (edits?.newRows === 'create' && madeId(model) === undefined)
    throw wrongOption(
      where,
      'edits.newRows',
      `'ignore', or an @id of ${model.name} with a default that makes it: cuid(), uuid(), autoincrement(), ... (after prisma generate)`,
      'a key that nothing makes',
    )
  if (edits?.refusals === 'note') return
  const taken = [key, ...columns.map(({ header }) => header)].find(
    (header) => headerKey(header) === headerKey(REFUSAL_HEADER),
  )
  if (taken !== undefined)
    throw wrongOption(
      where,
      'columns',
      `no header "${REFUSAL_HEADER}", which says why an edit was refused`,
      'one of that name',
    )
}

/** The fields that a target reads; undefined where one of its functions may look at any of them. */
function fieldsRead({
  filter,
  columns,
  conflict,
}: Pick<SheetTarget, 'filter' | 'columns' | 'conflict'>): readonly string[] | undefined {
  const shown = columns.flatMap(({ field }) => field ?? [])
  if (filter !== undefined || shown.length < columns.length) return undefined
  // What a strategy compares is read as well.
  const times = [conflict, ...columns.map((column) => column.conflict)].flatMap(
    (strategy) => timesOf(strategy)?.field ?? [],
  )
  return [...new Set([...shown, ...times])]
}

/** A strategy that compares times needs a field that is one. */
function assertTimes(
  where: string,
  option: string,
  model: Model,
  strategy: ConflictStrategy | undefined,
): void {
  const times = timesOf(strategy)
  if (times === undefined) return
  const field = model.fields[times.field]
  if (field?.kind === 'scalar' && field.type === 'DateTime' && !field.isList) return
  throw wrongOption(where, option, `a DateTime field of ${model.name}`, times.field)
}
