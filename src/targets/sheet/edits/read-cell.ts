import type { ReadValue } from '../../../inbound/edit-rules.ts'
import type { DataModel, EnumField, Field, ScalarField } from '../../../model/data-model.ts'
import { parseKeyValue } from '../../../model/key-value.ts'
import { type CellValue, isEmpty, isFormula, type SheetCell } from '../cells/cell.ts'
import { splitList } from '../cells/list.ts'
import type { Zone } from '../cells/zone.ts'
import { quoted, textOf } from './quoted.ts'
import { readJson } from './read-json.ts'
import { readBigInt, readDecimal, readFloat, readInt } from './read-number.ts'
import { readDay, readMoment, readTimeOfDay } from './read-time.ts'

/** Names of an enum that a reason lists, at most. */
const MAX_NAMES = 10

/**
 * Reads what a person left in a cell as a value of a field, in the form that the field has in Prisma Client; a Decimal as
 * a number, or as text beyond 15 digits. Nothing is guessed: what is not exactly a value is refused, with a sentence for
 * the person.
 *
 * @param zone the spreadsheet's time zone
 */
export function readCell(
  field: ScalarField | EnumField,
  cell: SheetCell,
  zone: Zone,
  enums: DataModel['enums'],
): ReadValue {
  if (isFormula(cell)) return { refused: `${quoted(cell)} is a formula; type the value itself` }
  if (field.isList) return isEmpty(cell) ? { value: [] } : readList(field, cell, zone, enums)
  if (isEmpty(cell)) return readEmpty(field)
  return readSingle(field, cell, zone, enums)
}

function readEmpty(field: ScalarField | EnumField): ReadValue {
  if (!field.isRequired) return { value: null }
  return field.kind === 'scalar' && field.isEmptyByDefault ? { value: '' } : { refused: 'cannot be empty' }
}

function readSingle(
  field: ScalarField | EnumField,
  cell: CellValue,
  zone: Zone,
  enums: DataModel['enums'],
): ReadValue {
  if (field.kind === 'enum') return readEnum(field, cell, enums)
  switch (field.type) {
    case 'String':
      return readText(field, cell)
    case 'Boolean':
      return readBoolean(cell)
    case 'Int':
      return readInt(cell, field.nativeType)
    case 'BigInt':
      return readBigInt(cell)
    case 'Float':
      return readFloat(cell)
    case 'Decimal':
      return readDecimal(cell)
    case 'DateTime':
      if (field.nativeType === 'Date') return readDay(cell)
      return field.nativeType === 'Time' || field.nativeType === 'Timetz'
        ? readTimeOfDay(cell)
        : readMoment(cell, zone)
    case 'Json':
      return readJson(cell)
    case 'Bytes':
      return { refused: 'cannot be typed into a cell' }
  }
}

function readText(field: Field, cell: CellValue): ReadValue {
  const text = textOf(cell)
  // Of a text with a native type, what Postgres does not take: a uuid, a network address, bits.
  const parsed = parseKeyValue(field, text)
  return 'value' in parsed ? { value: text } : { refused: `${quoted(cell)} is ${parsed.problem}` }
}

function readBoolean(cell: CellValue): ReadValue {
  if (typeof cell === 'boolean') return { value: cell }
  const word = typeof cell === 'string' ? cell.trim().toUpperCase() : ''
  return word === 'TRUE' || word === 'FALSE'
    ? { value: word === 'TRUE' }
    : { refused: `${quoted(cell)} is neither TRUE nor FALSE` }
}

function readEnum(field: EnumField, cell: CellValue, enums: DataModel['enums']): ReadValue {
  const name = textOf(cell).trim()
  const values = enums[field.type]?.values ?? {}
  if (Object.hasOwn(values, name)) return { value: name }
  const names = Object.keys(values)
  const more = names.length > MAX_NAMES ? ', …' : ''
  return { refused: `${quoted(cell)} is none of ${names.slice(0, MAX_NAMES).join(', ')}${more}` }
}

/** The items of a list, each as a value of the field's type. */
function readList(
  field: ScalarField | EnumField,
  cell: CellValue,
  zone: Zone,
  enums: DataModel['enums'],
): ReadValue {
  const items: unknown[] = []
  for (const item of splitList(textOf(cell))) {
    const read = readSingle(field, item, zone, enums)
    if ('refused' in read) return read
    items.push(read.value)
  }
  return { value: items }
}
