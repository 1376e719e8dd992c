import { createInterface } from 'node:readline/promises'
import { WritebackError } from '../src/errors.ts'

/**
 * Asks for a yes on the terminal.
 * @param yes true when it was given on the command line
 * @throws WritebackError `OPERATION_INVALID` where nobody can be asked
 */
export async function confirm(question: string, yes: boolean | undefined): Promise<boolean> {
  if (yes) return true
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new WritebackError('OPERATION_INVALID', {
      problem: 'this needs a yes',
      expected: '--yes where there is no terminal to ask on',
    })
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question} [y/N] `)).trim())
  } finally {
    prompt.close()
  }
}
