import type { Field } from '../../../model/data-model.ts'
import { type Codec, codec, typeName, unsupported } from './codec.ts'
import { joinList, splitList } from './list.ts'
import {
  bigIntCodec,
  booleanCodec,
  cleanText,
  dateTimeCodec,
  decimalCodec,
  isDecimal,
  jsonCodec,
  jsonText,
  numberCodec,
  scalarCodec,
  textCodec,
} from './scalars.ts'

/**
 * The codec of a field by its Prisma type.
 * @throws WritebackError `CELL_UNSUPPORTED` for Bytes, relations and types Prisma cannot read
 */
export function fieldCodec(field: Field): Codec {
  if (field.kind === 'relation' || field.kind === 'unsupported')
    throw unsupported(`the ${field.kind} ${field.name}`)
  const single = field.kind === 'enum' ? textCodec : scalarCodec(field.type, field.nativeType)
  return field.isList ? listCodec : single
}

/** Lists of scalars: joined with commas. Items come back as texts, which is how they are compared and merged. */
export const listCodec: Codec = codec({
  format: 'text',
  encode: (value) => {
    if (!Array.isArray(value)) throw unsupported(typeName(value), 'a list')
    return joinList(value.map(itemText))
  },
  decode: (cell) => splitList(typeof cell === 'string' ? cell : String(cell)),
})

/**
 * What a computed column returns is coded by its JavaScript type: text, number, boolean, bigint, Decimal, Date (a
 * moment), list, and anything else that JSON can say.
 */
export const valueCodec: Codec = codec({
  encode: (value, zone) => {
    switch (typeof value) {
      case 'string':
        return textCodec.encode(value, zone)
      case 'number':
        return numberCodec.encode(value, zone)
      case 'boolean':
        return booleanCodec.encode(value, zone)
      case 'bigint':
        return bigIntCodec.encode(value, zone)
      case 'object':
        if (value instanceof Date) return dateTimeCodec.encode(value, zone)
        if (isDecimal(value)) return decimalCodec.encode(value, zone)
        if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) throw unsupported('Bytes')
        if (Array.isArray(value))
          return value.every(isScalar) ? joinList(value.map(itemText)) : jsonText(value)
        return jsonCodec.encode(value, zone)
      default:
        throw unsupported(typeName(value))
    }
  },
  decode: (cell) => cell,
})

function isScalar(item: unknown): boolean {
  return item === null || typeof item !== 'object' || item instanceof Date || isDecimal(item)
}

function itemText(item: unknown): string {
  if (typeof item === 'string') return cleanText(item)
  if (typeof item === 'number' || typeof item === 'boolean' || typeof item === 'bigint') return String(item)
  if (item === null || item === undefined) return ''
  if (item instanceof Date) {
    if (Number.isNaN(item.getTime())) throw unsupported(typeName(item), 'a date')
    return item.toISOString()
  }
  if (isDecimal(item)) return item.toFixed()
  if (typeof item === 'object' && !ArrayBuffer.isView(item)) return jsonText(item)
  throw unsupported(typeName(item))
}
