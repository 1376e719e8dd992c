import { z } from 'zod'
import { WritebackError } from '../errors.ts'
import { describeWrongText } from './describe.ts'

/** A variable of the environment: what is right, and an example for the error. */
export interface Variable {
  readonly schema: z.ZodType
  readonly expected: string
  readonly example: string
}

type Values<Variables extends Readonly<Record<string, Variable>>> = {
  [Name in keyof Variables]: z.output<Variables[Name]['schema']>
}

/** A number that is written as text. */
export const wholeNumber = (least: number, most: number) => z.coerce.number().int().min(least).max(most)

/**
 * Reads variables of the environment.
 * @throws WritebackError `ENV_INVALID`: one line that names the first variable that is wrong or missing, what was
 * expected and an example; never the value
 */
export function readVariables<const Variables extends Readonly<Record<string, Variable>>>(
  variables: Variables,
  source: Readonly<Record<string, string | undefined>>,
): Values<Variables> {
  return Object.fromEntries(
    Object.entries(variables).map(([name, variable]) => {
      // An empty variable is how many platforms spell an unset one.
      const given = source[name]?.trim() || undefined
      const parsed = variable.schema.safeParse(given)
      if (!parsed.success) throw wrongVariable(name, variable, describeWrongText(given))
      return [name, parsed.data]
    }),
  ) as Values<Variables>
}

/** The error about one variable. @param got what kind of text it is, never the text */
export function wrongVariable(
  name: string,
  { expected, example }: Pick<Variable, 'expected' | 'example'>,
  got: string,
): WritebackError {
  return new WritebackError('ENV_INVALID', {
    problem: `environment variable ${name}`,
    expected,
    got,
    remedy: `Example: ${name}='${example}'`,
  })
}
