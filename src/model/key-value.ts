import { isIP } from 'node:net'
import type { DataModel, Field, ScalarField } from './data-model.ts'

/** What a part of an id stands for: a value for a Prisma `where`, or why it is none of its field. */
export type KeyValue = { readonly value: unknown } | { readonly problem: string }

/** Integers by native type; a value beyond them fails the whole query that names it. */
const INT_RANGES: Readonly<Record<string, readonly [number, number]>> = {
  SmallInt: [-32_768, 32_767],
  Oid: [0, 4_294_967_295],
}
const INT_RANGE = [-2_147_483_648, 2_147_483_647] as const
export const BIGINT_RANGE = [-(2n ** 63n), 2n ** 63n - 1n] as const

/** The least and the most that a column of an Int takes. */
export function intRange(nativeType: string | null): readonly [number, number] {
  return INT_RANGES[nativeType ?? ''] ?? INT_RANGE
}

/** ISO 8601. `Date` alone reads far more: "Total 5" is a day in May. */
const ISO_DATE = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/**
 * Reads one part of an id. What passes is a value that Postgres takes for the field's column: a text that it refuses
 * would fail the query for every record that is read with it.
 *
 * @param enums the enums of the data model; without them every text passes for an enum
 */
export function parseKeyValue(
  field: Field | undefined,
  text: string,
  enums: DataModel['enums'] = {},
): KeyValue {
  if (field?.kind === 'enum') {
    const values = enums[field.type]?.values
    return values && !Object.hasOwn(values, text)
      ? { problem: `no value of enum ${field.type}` }
      : { value: text }
  }
  if (field?.kind !== 'scalar') return { value: text }
  switch (field.type) {
    case 'Int':
      return integer(text, intRange(field.nativeType), Number)
    case 'BigInt':
      return integer(text, BIGINT_RANGE, BigInt)
    case 'Boolean':
      return text === 'true' || text === 'false' ? { value: text === 'true' } : { problem: 'no boolean' }
    case 'DateTime':
      return date(text)
    case 'String':
      return string(field, text)
    default:
      return { value: text }
  }
}

function integer<N extends number | bigint>(
  text: string,
  [least, most]: readonly [N, N],
  parse: (text: string) => N,
): KeyValue {
  if (!/^-?\d+$/.test(text)) return { problem: 'no integer' }
  const value = parse(text)
  return value >= least && value <= most ? { value } : { problem: 'an integer out of range' }
}

function date(text: string): KeyValue {
  const value = new Date(text)
  // Postgres has no year 0.
  const isDate = ISO_DATE.test(text) && !Number.isNaN(value.getTime()) && value.getUTCFullYear() > 0
  return isDate ? { value } : { problem: 'no date' }
}

function string({ nativeType }: ScalarField, text: string): KeyValue {
  // Postgres has no text with these.
  if (text.includes('\0') || !text.isWellFormed()) return { problem: 'no text' }
  switch (nativeType) {
    case 'Uuid':
      return UUID.test(text) ? { value: text } : { problem: 'no uuid' }
    case 'Inet':
      return isAddress(text) ? { value: text } : { problem: 'no network address' }
    case 'Bit':
    case 'VarBit':
      return /^[01]*$/.test(text) ? { value: text } : { problem: 'no bits' }
    default:
      return { value: text }
  }
}

function isAddress(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/')
  // A zone ("fe80::1%eth0") is an address to Node and none to Postgres.
  const version = address.includes('%') ? 0 : isIP(address)
  if (version === 0 || rest.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}
