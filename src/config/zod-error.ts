import type { z } from 'zod'
import { type ErrorCode, WritebackError } from '../errors.ts'

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
    problem: `${where}: ${result.error.issues.map(describe).join('; ')}`,
    remedy: 'Correct the options named here',
  })
}

function describe(issue: z.core.$ZodIssue): string {
  const path = issue.path.length > 0 ? issue.path.join('.') : 'the options'
  if (issue.code === 'unrecognized_keys') return `${path} has unknown option ${issue.keys.join(', ')}`
  return `${path}: ${issue.message}`
}
