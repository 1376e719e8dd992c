import { readFileSync } from 'node:fs'
import path from 'node:path'
import { ApiError } from '../model/errors.ts'
import { type Mask, maskError } from '../model/field-mask.ts'

interface Field {
  readonly name: string
  readonly repeated: boolean
  readonly map: boolean
  /** Name of a message, a scalar type, `enum`, `list` or `any`. */
  readonly type: string
  readonly message: Message | undefined
  readonly enums: ReadonlySet<string> | undefined
}

interface Message {
  readonly name: string
  readonly fields: Map<string, Field>
}

const MESSAGES = load()

/**
 * Checks a JSON body against a message of the API, as the API's own JSON parser does: unknown names and wrong
 * types are refused. A null is as if absent and numbers may come as text; both are put right in place.
 *
 * @param body what was sent, already parsed
 * @param message name of the message
 * @param root what errors call the body, when the body is a field of the request
 * @throws ApiError 400 in the API's words, with google.rpc.BadRequest details
 */
export function validateBody(body: unknown, message: string, root = ''): void {
  checkMessage(body, MESSAGES.get(message)!, root === '' ? [] : [root])
}

/** @throws ApiError 400 when a field mask names something that the message does not have */
export function validateMask(mask: Mask, message: string): void {
  checkMask(mask, message, '')
}

/**
 * Where a value is: field names as they are, list positions as numbers. Shared and changed on the way, because
 * a body has tens of thousands of values and only an error needs the text.
 */
type Path = (string | number)[]

function checkMessage(value: unknown, message: Message, path: Path): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw noMessage(value, message, path)
  const object = value as Record<string, unknown>
  for (const name in object) {
    const each = object[name]
    const field = message.fields.get(name) ?? message.fields.get(camelCase(name))
    if (!field) throw unknownName(name, path)
    if (field.name !== name) {
      object[field.name] = each
      delete object[name]
    }
    // What is not specified is as if it had not been sent.
    if (
      each === null ||
      (field.type === 'enum' && String(each).endsWith('_UNSPECIFIED') && field.enums?.has(String(each)))
    ) {
      delete object[field.name]
      continue
    }
    path.push(field.name)
    if (field.repeated) checkList(object, field, each, path)
    else if (field.map) checkMap(field, each, path)
    else checkValue(object, field.name, field, each, path)
    path.pop()
  }
}

function checkList(owner: Record<string, unknown>, field: Field, value: unknown, path: Path): void {
  if (!Array.isArray(value)) {
    // A single message where a list belongs is taken for a list of one by the API's parser.
    if (field.type === 'list' || typeof value !== 'object') throw wrongType(path, field, value)
    owner[field.name] = [value]
    checkList(owner, field, owner[field.name], path)
    return
  }
  // A null in the list of a field is skipped, as if it were not there; nulls in lists of values are values.
  if (field.type !== 'list' && field.type !== 'any' && value.includes(null)) {
    owner[field.name] = value.filter((each) => each !== null)
    checkList(owner, field, owner[field.name], path)
    return
  }
  for (let i = 0; i < value.length; i++) {
    path.push(i)
    if (field.type !== 'list') checkValue(value, i, field, value[i], path)
    else if (!Array.isArray(value[i])) throw wrongType(path, field, value[i])
    path.pop()
  }
}

function checkMap(field: Field, value: unknown, path: Path): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw wrongType(path, field, value)
  for (const [key, each] of Object.entries(value)) {
    path.push(key)
    checkValue(value as Record<string, unknown>, key, field, each, path)
    path.pop()
  }
}

function checkValue(owner: object, key: string | number, field: Field, value: unknown, path: Path): void {
  switch (field.type) {
    case 'any':
      return
    case 'string':
      if (typeof value === 'string') return
      break
    case 'bool':
      if (typeof value === 'boolean') return
      if (value !== 'true' && value !== 'false') break
      Reflect.set(owner, key, value === 'true')
      return
    case 'int32':
    case 'float':
    case 'double': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      if (typeof number !== 'number' || Number.isNaN(number)) break
      if (field.type === 'int32' && (!Number.isInteger(number) || Math.abs(number) >= 2 ** 31)) break
      if (number !== value) Reflect.set(owner, key, number)
      return
    }
    case 'enum':
      if (typeof value === 'string' && field.enums?.has(value)) return
      break
    default:
      checkMessage(value, field.message!, path)
      return
  }
  throw wrongType(path, field, value)
}

function checkMask(mask: Mask, message: string, at: string): void {
  const fields = MESSAGES.get(message)?.fields
  for (const [name, child] of mask.fields) {
    const path = at === '' ? name : `${at}.${name}`
    const field = fields?.get(name) ?? fields?.get(camelCase(name))
    if (name !== '*' && !field) throw maskError(path)
    if (field && child.fields.size > 0) {
      if (!MESSAGES.has(field.type)) throw maskError(`${path}.${[...child.fields.keys()][0]}`)
      if (!field.map) checkMask(child, field.type, path)
    }
  }
}

function unknownName(name: string, path: Path): ApiError {
  const at = print(path, false)
  const where = at === '' ? '' : ` at '${at}'`
  return badRequest(at, `Invalid JSON payload received. Unknown name "${name}"${where}: Cannot find field.`)
}

function wrongType(path: Path, field: Field, value: unknown): ApiError {
  const type =
    field.type === 'list'
      ? 'type.googleapis.com/google.protobuf.ListValue'
      : field.message
        ? `type.googleapis.com/google.apps.sheets.v4.${field.type}`
        : `TYPE_${field.type.toUpperCase()}`
  const at = print(path, true)
  return badRequest(at, `Invalid value at '${at}' (${type}), ${JSON.stringify(value)}`)
}

function noMessage(value: unknown, message: Message, path: Path): ApiError {
  const at = print(path, true)
  if (!Array.isArray(value)) {
    const type = `type.googleapis.com/google.apps.sheets.v4.${message.name}`
    return badRequest(at, `Invalid value at '${at}' (${type}), ${JSON.stringify(value)}`)
  }
  const parent = print(path.slice(0, -1), false)
  const where = parent === '' ? '' : ` at '${parent}'`
  const problem = 'Proto field is not repeating, cannot start list.'
  return badRequest(
    parent,
    `Invalid JSON payload received. Unknown name "${path.at(-1) ?? ''}"${where}: ${problem}`,
  )
}

/** `requests[0].add_sheet`: the names of the JSON in errors about names, those of the protocol in errors about values. */
function print(path: Path, proto: boolean): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`
    const name = proto ? step.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : step
    return text === '' ? name : `${text}.${name}`
  }, '')
}

function badRequest(field: string, description: string): ApiError {
  return new ApiError(400, 'INVALID_ARGUMENT', description, [
    {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ ...(field !== '' && { field }), description }],
    },
  ])
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function load(): ReadonlyMap<string, Message> {
  const lines = readFileSync(path.join(import.meta.dirname, 'messages.txt'), 'utf8')
    .trimEnd()
    .split('\n')
  const messages = new Map<string, Message>()
  for (const line of lines) {
    const name = line.split(' ', 1)[0]!
    messages.set(name, { name, fields: new Map() })
  }
  for (const line of lines) {
    const [name, ...fields] = line.split(' ')
    for (const field of fields) {
      const [key, type] = field.split(':') as [string, string]
      messages.get(name!)!.fields.set(key, fieldOf(key, type, messages))
    }
  }
  return messages
}

function fieldOf(name: string, type: string, messages: ReadonlyMap<string, Message>): Field {
  const repeated = type.startsWith('[]')
  const map = type.startsWith('{}')
  const plain = repeated || map ? type.slice(2) : type
  const enums = plain.startsWith('=') ? new Set(plain.slice(1).split('|')) : undefined
  return { name, repeated, map, type: enums ? 'enum' : plain, message: messages.get(plain), enums }
}
