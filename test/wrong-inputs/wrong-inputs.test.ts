import { expect, test } from 'vitest'
import { isWritebackError } from '../../src/errors.ts'
import { CONFIG } from './config.ts'
import { SECRET } from './wrong-input.ts'

/** What a person sees of a wrong input: `CODE message`, as the command line prints it. */
async function refusal(run: () => unknown): Promise<string> {
  try {
    await run()
  } catch (error) {
    if (!isWritebackError(error)) throw error
    return `${error.code} ${error.message}`
  }
  throw new Error('nothing was refused')
}

test.each([...CONFIG])('$what', async ({ run, code, names }) => {
  const line = await refusal(run)
  expect(line).toMatch(new RegExp(`^${code} \\S`))
  for (const name of names) expect(line).toContain(name)
  expect(line).not.toMatch(/\n|^\s*at /m)
  expect(line).not.toContain(SECRET)
  expect(line).not.toMatch(/Invalid input|undefined|\[object/)
})
