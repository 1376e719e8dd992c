import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { isWritebackError } from '../../src/errors.ts'
import { ARGUMENTS } from './arguments.ts'
import { CONFIG } from './config.ts'
import { CONFIG_FILES } from './config-files.ts'
import { ENVIRONMENT } from './environment.ts'
import { FUNCTIONS } from './functions.ts'
import { SECRET } from './secret.ts'
import { openStage, type Stage } from './stage.ts'
import { RefusedCommand, type WrongInput } from './wrong-input.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())

/** What a person sees of a wrong input: `CODE message`, as the command line prints it. */
async function refusal(run: WrongInput['run']): Promise<string> {
  try {
    await run(stage)
  } catch (error) {
    if (error instanceof RefusedCommand) return error.message
    if (isWritebackError(error)) return `${error.code} ${error.message}`
    throw error
  }
  throw new Error('nothing was refused')
}

test.each([...CONFIG, ...CONFIG_FILES, ...ENVIRONMENT, ...ARGUMENTS, ...FUNCTIONS])(
  '$what',
  async ({ run, code, names }) => {
    const line = await refusal(run)
    expect(line).toMatch(new RegExp(`^${code} \\S`))
    for (const name of names) expect(line).toContain(name)
    expect(line).not.toMatch(/\n|^\s*at /m)
    expect(line).not.toContain(SECRET)
    expect(line).not.toMatch(/Invalid input|undefined|\[object/)
  },
)
