// Writes messages.txt: a line for each message of the API with its fields and their types, taken from its discovery document
// (https://sheets.googleapis.com/$discovery/rest?version=v4).
//   node sheets-emulator/schema/generate.ts DISCOVERY.json
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

interface Property {
  readonly type?: string
  readonly format?: string
  readonly $ref?: string
  readonly enum?: readonly string[]
  readonly items?: Property
  readonly additionalProperties?: Property
}

const ROOTS = [
  'AppendValuesResponse',
  'BatchClearValuesByDataFilterRequest',
  'BatchClearValuesByDataFilterResponse',
  'BatchClearValuesRequest',
  'BatchClearValuesResponse',
  'BatchGetValuesByDataFilterRequest',
  'BatchGetValuesByDataFilterResponse',
  'BatchGetValuesResponse',
  'BatchUpdateSpreadsheetRequest',
  'BatchUpdateSpreadsheetResponse',
  'BatchUpdateValuesByDataFilterRequest',
  'BatchUpdateValuesByDataFilterResponse',
  'BatchUpdateValuesRequest',
  'BatchUpdateValuesResponse',
  'ClearValuesRequest',
  'ClearValuesResponse',
  'CopySheetToAnotherSpreadsheetRequest',
  'GetSpreadsheetByDataFilterRequest',
  'SearchDeveloperMetadataRequest',
  'SearchDeveloperMetadataResponse',
]

const [file] = process.argv.slice(2)
if (!file) {
  console.error('usage: generate.ts DISCOVERY.json')
  process.exit(2)
}
const discovery = JSON.parse(readFileSync(file, 'utf8')) as {
  schemas: Record<string, { properties?: Record<string, Property> }>
}
const messages: Record<string, Record<string, string>> = {}
const waiting = [...ROOTS]
for (let name = waiting.pop(); name; name = waiting.pop()) {
  if (messages[name]) continue
  const fields: Record<string, string> = {}
  messages[name] = fields
  for (const [field, property] of Object.entries(discovery.schemas[name]?.properties ?? {})) {
    fields[field] = typeOf(property)
    const message = /^(?:\[\]|\{\})?([A-Z]\w*)$/.exec(fields[field])?.[1]
    if (message) waiting.push(message)
  }
}
const sorted = Object.fromEntries(Object.entries(messages).sort(([a], [b]) => (a < b ? -1 : 1)))
const lines = Object.entries(sorted).map(([name, fields]) =>
  [name, ...Object.entries(fields).map(([field, type]) => `${field}:${type}`)].join(' '),
)
writeFileSync(path.join(import.meta.dirname, 'messages.txt'), `${lines.join('\n')}\n`)

/** `[]` before repeated fields, `{}` before maps, a message by its name, an enum as `=A|B`. */
function typeOf(property: Property): string {
  if (property.$ref) return property.$ref
  if (property.enum) return `=${property.enum.join('|')}`
  if (property.type === 'array')
    return `[]${property.items?.type === 'array' ? 'list' : typeOf(property.items ?? {})}`
  if (property.additionalProperties) return `{}${typeOf(property.additionalProperties)}`
  if (property.type === 'integer') return 'int32'
  if (property.type === 'number') return property.format === 'float' ? 'float' : 'double'
  return property.type === 'boolean' ? 'bool' : property.type === 'string' ? 'string' : 'any'
}
