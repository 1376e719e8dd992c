import type { z } from 'zod'
import { type ErrorCode, WritebackError } from '../errors.ts'
import { kindOf } from './describe.ts'

/**
 * Parses with a zod schema and turns what zod found into one line.
 * @param where what was parsed, for the message
 * @throws WritebackError with `code`, naming every option that is wrong and never its value
 */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
  where: string,
  code: ErrorCode = 'CONFIG_INVALID',
): z.output<Schema> {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw new WritebackError(code, {
    problem: `${where}: ${result.error.issues.map((issue) => describe(issue, value)).join('; ')}`,
    remedy: 'Correct the options named here',
  })
}

function describe(issue: z.core.$ZodIssue, input: unknown): string {
  const path = issue.path.length > 0 ? issue.path.map(String).join('.') : 'the options'
  if (issue.code === 'unrecognized_keys') return `${path} has unknown option ${issue.keys.join(', ')}`
  return `${path}: ${expectation(issue)}, got ${kindOf(valueAt(input, issue.path))}`
}

/** What would have been right: the schema's own words where it has some. */
function expectation(issue: z.core.$ZodIssue): string {
  if (issue.message.startsWith('expected ')) return issue.message
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${NAMES[issue.expected] ?? issue.expected}`
    case 'invalid_value':
      return `expected one of ${issue.values.map(String).join(', ')}`
    case 'too_small':
      return issue.origin === 'number' ? `expected ${issue.minimum} or more` : 'expected something'
    case 'too_big':
      return `expected at most ${issue.maximum}${issue.origin === 'number' ? '' : ' characters'}`
    default:
      return `expected something else (${issue.message})`
  }
}

/** zod's names of types, as this library's messages have them. */
const NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  function: 'a function',
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null)?.[key], input)
}
