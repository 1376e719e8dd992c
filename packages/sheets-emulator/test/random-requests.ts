import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/index.js'

/** The messages of the API (discovery document): the fields of each, with their types. */
const MESSAGES = new Map(
  readFileSync(path.join(import.meta.dirname, '../schema/messages.txt'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): [string, [string, string][]] => {
      const [name, ...fields] = line.split(' ')
      return [name!, fields.map((field) => field.split(':') as [string, string])]
    }),
)

const index = fc.oneof(
  { arbitrary: fc.integer({ min: 0, max: 11 }), weight: 9 },
  { arbitrary: fc.constantFrom(-2147483648, -3, -1, 25, 100, 2147483647), weight: 2 },
)
const text = fc.constantFrom(
  '',
  'a',
  'b',
  'Zz',
  '10',
  'S',
  'U',
  'name',
  "it's",
  '=A1+1',
  '#REF!',
  'k',
  'S!B2',
)
const mask = fc.constantFrom('*', 'userEnteredValue', 'title', 'name', 'range', 'note', 'gridProperties', '')
const sheetId = fc.constantFrom(0, 0, 0, 1, 1, 7, -1)

const { Request } = fc.letrec<Record<string, object>>((tie) =>
  Object.fromEntries(
    [...MESSAGES].map(([name, fields]) => [
      name,
      name === 'Request'
        ? fc.oneof(
            ...fields.map(([kind, type]) =>
              fc.record({ [kind]: ofType(kind, type, tie) as fc.Arbitrary<object> }),
            ),
          )
        : message(name, fields, tie),
    ]),
  ),
)

/**
 * A request of any kind that the API has, with values that make sense now and then: negative and far indexes,
 * reversed ranges, what is missing, what does not exist.
 */
export const anyRequest = Request as fc.Arbitrary<sheets_v4.Schema$Request>

type Tie = (name: string) => fc.Arbitrary<object>

function message(name: string, fields: readonly [string, string][], tie: Tie): fc.Arbitrary<object> {
  // Requests and ranges have most of their fields, other messages a few of them.
  const freq = /Range$|Coordinate$|Request$/.test(name) ? 8 : 1
  return fc
    .record(
      Object.fromEntries(
        fields.map(([field, type]) => [
          field,
          fc.option(ofType(field, type, tie), {
            nil: undefined,
            freq,
            maxDepth: 6,
            depthIdentifier: 'message',
          }),
        ]),
      ),
    )
    .map((value) => Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)))
}

function ofType(field: string, type: string, tie: Tie): fc.Arbitrary<unknown> {
  if (type.startsWith('[]')) return fc.array(ofType(field, type.slice(2), tie), { maxLength: 3 })
  if (type.startsWith('{}')) {
    return fc.dictionary(fc.constantFrom('0', '-1', 'x'), ofType(field, type.slice(2), tie), { maxKeys: 2 })
  }
  if (type.startsWith('=')) return fc.constantFrom(...type.slice(1).split('|'))
  if (MESSAGES.has(type)) return tie(type)
  switch (type) {
    case 'int32':
      return /sheetId$/i.test(field) ? sheetId : index
    case 'float':
    case 'double':
      return fc.oneof(index, fc.constantFrom(0.5, 1e300))
    case 'bool':
      return fc.boolean()
    case 'string':
      return field === 'fields' ? mask : text
    default:
      return type === 'list' ? fc.constant([]) : fc.constant({})
  }
}
