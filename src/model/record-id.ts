import { WritebackError } from '../errors.ts'
import type { DataModel, Model } from './data-model.ts'
import { parseKeyValue } from './key-value.ts'
import { keyFields, unusableAsKey } from './record-key.ts'

/** A record's id by field name, with the values Prisma Client uses (`number`, `bigint`, `Date`, ...). */
export type RecordIdValues = Readonly<Record<string, unknown>>

const SEPARATOR = '|'

/**
 * The id of a record as text: the canonical form of its key, several keys joined by `|` (a `|` or `\` inside
 * a value is then escaped with `\`). The trigger function writes the same text; the sheet's key column shows it.
 *
 * Canonical forms: integers in decimal digits; text as it is; UUIDs in lower case; booleans `true`/`false`;
 * enums by their Prisma name; dates as ISO 8601 in UTC with milliseconds.
 *
 * @param model the record's model
 * @param values an object that holds at least the model's key fields
 * @throws WritebackError `RECORD_ID_INVALID` when a key field is missing or has no canonical form
 */
export function encodeRecordId(model: Model, values: RecordIdValues): string {
  const parts = model.primaryKey.map((name) => canonical(model, name, values[name]))
  return parts.length === 1 ? (parts[0] as string) : parts.map(escapePart).join(SEPARATOR)
}

/**
 * The key fields of a record from the text {@link encodeRecordId} made of it, ready for a Prisma `where`.
 * @param enums the enums of the data model: with them a value that its enum does not have is refused as well
 * @throws WritebackError `RECORD_ID_INVALID` when the text is no id of this model
 */
export function decodeRecordId(
  model: Model,
  id: string,
  enums?: DataModel['enums'],
): Record<string, unknown> {
  const parts = model.primaryKey.length === 1 ? [id] : splitParts(id)
  if (parts.length !== model.primaryKey.length) throw invalid(model, `${parts.length} of them`)
  return Object.fromEntries(
    model.primaryKey.map((name, at) => [name, parse(model, name, parts[at] as string, enums)] as const),
  )
}

/** Whether a text can be an id of this model, of a record that is there or not. Parameters as {@link decodeRecordId}. */
export function isRecordId(model: Model, id: string, enums?: DataModel['enums']): boolean {
  try {
    decodeRecordId(model, id, enums)
    return true
  } catch {
    return false
  }
}

/**
 * The Prisma `where` that finds the records with the given ids.
 * @throws WritebackError `RECORD_ID_INVALID` when one of them is no id of this model
 */
export function whereIds(model: Model, ids: readonly string[]): Record<string, unknown> {
  return whereKeys(
    model,
    ids.map((id) => decodeRecordId(model, id)),
  )
}

/** The Prisma `where` that finds the records with the given key fields. */
export function whereKeys(model: Model, keys: readonly RecordIdValues[]): Record<string, unknown> {
  const [only, ...others] = model.primaryKey
  const field = model.fields[only ?? '']
  // Prisma has no "in" for a Boolean.
  const hasIn = !(field?.kind === 'scalar' && field.type === 'Boolean')
  if (only !== undefined && others.length === 0 && hasIn)
    return { [only]: { in: keys.map((one) => one[only]) } }
  return { OR: keys }
}

/** Fails for a model whose records cannot be named by text: no key, or a key of a type without a canonical form. */
export function assertIdentifiable(dataModel: DataModel, modelName: string): Model {
  const model = dataModel.models[modelName]
  if (!model) {
    throw new WritebackError('CONFIG_INVALID', {
      problem: 'unknown model',
      expected: `one of ${Object.keys(dataModel.models).join(', ')}`,
      got: modelName,
      remedy: 'Run prisma generate if the model is new',
    })
  }
  if (model.primaryKey.length === 0) {
    // An older generator writes down @id and @@id alone.
    const isOld = keyFields(model).length > 0
    throw unidentifiable(
      model,
      isOld ? 'a data model of an older version' : 'none',
      isOld ? GENERATE : undefined,
    )
  }
  for (const name of model.primaryKey) {
    const why = unusableAsKey(model.fields[name])
    if (why !== null) throw unidentifiable(model, `key field ${name}: ${why}`)
  }
  return model
}

function canonical(model: Model, name: string, value: unknown): string {
  const field = model.fields[name]
  if (value === null || value === undefined) throw invalid(model, `no value for ${name}`)
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'string') {
    return field?.kind === 'scalar' && field.nativeType === 'Uuid' ? value.toLowerCase() : value
  }
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean')
    return String(value)
  throw invalid(model, `a ${typeof value} for ${name}`)
}

function parse(model: Model, name: string, text: string, enums: DataModel['enums'] | undefined): unknown {
  const parsed = parseKeyValue(model.fields[name], text, enums)
  if ('problem' in parsed) throw invalid(model, `${parsed.problem} for ${name}`)
  return parsed.value
}

function escapePart(part: string): string {
  return part.replace(/[\\|]/g, (character) => `\\${character}`)
}

function splitParts(id: string): string[] {
  const parts = ['']
  for (let at = 0; at < id.length; at++) {
    const character = id[at] as string
    if (character === SEPARATOR) parts.push('')
    else parts[parts.length - 1] += character === '\\' ? (id[++at] ?? '') : character
  }
  return parts
}

function invalid(model: Model, got: string): WritebackError {
  return new WritebackError('RECORD_ID_INVALID', {
    problem: `not an id of ${model.name}`,
    expected: `values for ${model.primaryKey.join(', ')}`,
    got,
  })
}

const GENERATE = 'Run prisma generate: this version uses the unique fields of a model without @id'

function unidentifiable(model: Model, got: string, remedy?: string): WritebackError {
  return new WritebackError('CONFIG_INVALID', {
    problem: `model ${model.name} cannot be mirrored`,
    expected:
      'an @id or @@id, or a @unique or @@unique over required fields, of String, Int, BigInt, Boolean, enum or DateTime fields (to the millisecond, as in @db.Timestamptz(3))',
    got,
    remedy: remedy ?? 'Give the model such a key, or leave it out of the targets',
  })
}
