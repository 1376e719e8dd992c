import { readFileSync } from 'node:fs'
import path from 'node:path'
import { ApiError } from '../model/errors.ts'
import { type Mask, maskError } from '../model/field-mask.ts'

interface Field {
  readonly name: string
  readonly repeated: boolean
  readonly map: boolean
  /** Message, scalar type, `list` or `any`. */
  readonly type: string
  readonly enums: ReadonlySet<string> | undefined
}

type Message = ReadonlyMap<string, Field>

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
  checkMessage(body, message, root)
}

/** @throws ApiError 400 when a field mask names something that the message does not have */
export function validateMask(mask: Mask, message: string): void {
  checkMask(mask, message, '')
}

/** True when the API has a request kind of this name, whether or not the emulator carries it out. */
export function isRequestKind(name: string): boolean {
  return MESSAGES.get('Request')?.has(name) === true
}

function checkMessage(value: unknown, message: string, at: string): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    if (Array.isArray(value) && at === '') throw badRequest('', 'Root element must be a message.')
    if (Array.isArray(value))
      throw badRequest(
        at,
        'Proto field is not repeating, cannot start list.',
        `Invalid JSON payload received. Unknown name "${lastName(at)}" at '${parentOf(at)}': Proto field is not repeating, cannot start list.`,
      )
    throw wrongType(at, `type.googleapis.com/google.apps.sheets.v4.${message}`, value)
  }
  const fields = MESSAGES.get(message)!
  const object = value as Record<string, unknown>
  for (const name in object) {
    const each = object[name]
    const field = fields.get(name) ?? fields.get(camelCase(name))
    if (!field) throw unknownName(name, at)
    if (field.name !== name) {
      object[field.name] = each
      delete object[name]
    }
    if (each === null) {
      delete object[field.name]
      continue
    }
    const path = at === '' ? snake(field.name) : `${at}.${snake(field.name)}`
    if (field.repeated) checkList(object, field, each, path)
    else if (field.map) checkMap(field, each, path)
    else checkValue(object, field.name, field, each, path)
  }
}

function checkList(owner: Record<string, unknown>, field: Field, value: unknown, at: string): void {
  if (!Array.isArray(value)) {
    // A single message where a list belongs is taken for a list of one by the API's parser.
    if (field.type !== 'list' && typeof value === 'object') {
      owner[field.name] = [value]
      checkList(owner, field, owner[field.name], at)
      return
    }
    throw wrongType(
      at,
      field.type === 'list' ? 'type.googleapis.com/google.protobuf.ListValue' : field.type,
      value,
    )
  }
  for (let i = 0; i < value.length; i++) {
    if (field.type === 'list') {
      if (!Array.isArray(value[i]))
        throw wrongType(`${at}[${i}]`, 'type.googleapis.com/google.protobuf.ListValue', value[i])
    } else {
      checkValue(value, i, field, value[i], `${at}[${i}]`)
    }
  }
}

function checkMap(field: Field, value: unknown, at: string): void {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) throw wrongType(at, 'map', value)
  for (const [key, each] of Object.entries(value)) {
    checkValue(value as Record<string, unknown>, key, field, each, `${at}[${JSON.stringify(key)}]`)
  }
}

function checkValue(owner: object, key: string | number, field: Field, value: unknown, at: string): void {
  switch (field.type) {
    case 'any':
      return
    case 'string':
      if (typeof value !== 'string') throw wrongType(at, 'TYPE_STRING', value)
      return
    case 'bool':
      if (typeof value === 'boolean') return
      if (value === 'true' || value === 'false') return void Reflect.set(owner, key, value === 'true')
      throw wrongType(at, 'TYPE_BOOL', value)
    case 'int32':
    case 'float':
    case 'double': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      const type = `TYPE_${field.type.toUpperCase()}`
      if (typeof number !== 'number' || Number.isNaN(number)) throw wrongType(at, type, value)
      if (field.type === 'int32' && (!Number.isInteger(number) || Math.abs(number) > 2 ** 31))
        throw wrongType(at, type, value)
      if (number !== value) Reflect.set(owner, key, number)
      return
    }
    case 'enum':
      if (typeof value !== 'string' || !field.enums?.has(value))
        throw wrongType(at, `enum ${field.name}`, value)
      return
    default:
      checkMessage(value, field.type, at)
  }
}

function checkMask(mask: Mask, message: string, at: string): void {
  const fields = MESSAGES.get(message)
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

function unknownName(name: string, at: string): ApiError {
  const where = at === '' ? '' : ` at '${at}'`
  return badRequest(at, `Invalid JSON payload received. Unknown name "${name}"${where}: Cannot find field.`)
}

function wrongType(at: string, type: string, value: unknown): ApiError {
  return badRequest(at, `Invalid value at '${at}' (${type}), ${JSON.stringify(value)}`)
}

function badRequest(field: string, description: string, message = description): ApiError {
  return new ApiError(400, 'INVALID_ARGUMENT', message, [
    {
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ ...(field !== '' && { field }), description }],
    },
  ])
}

function lastName(at: string): string {
  return at.split('.').at(-1) ?? at
}

function parentOf(at: string): string {
  return at.split('.').slice(0, -1).join('.')
}

function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function load(): ReadonlyMap<string, Message> {
  const lines = readFileSync(path.join(import.meta.dirname, 'messages.txt'), 'utf8')
    .trimEnd()
    .split('\n')
  return new Map(
    lines.map((line) => {
      const [name, ...fields] = line.split(' ')
      const pairs = fields.map((field) => field.split(':') as [string, string])
      return [name!, new Map(pairs.map(([field, type]) => [field, fieldOf(field, type)]))]
    }),
  )
}

function fieldOf(name: string, type: string): Field {
  const repeated = type.startsWith('[]')
  const map = type.startsWith('{}')
  const plain = repeated || map ? type.slice(2) : type
  const enums = plain.startsWith('=') ? new Set(plain.slice(1).split('|')) : undefined
  return { name, repeated, map, type: enums ? 'enum' : plain, enums }
}
