import { CommanderError } from 'commander'
import { vi } from 'vitest'
import { explain } from '../../cli/explain.ts'
import { createProgram } from '../../cli/program.ts'
import { writebackProcess } from '../cli/support.ts'
import type { Stage } from './stage.ts'
import { RefusedCommand } from './wrong-input.ts'

/** Variables for a command. Nobody answers where its sheet would be. */
const environmentOf = ({ databaseUrl }: Stage) => ({
  DATABASE_URL: databaseUrl,
  SHEETS_API_URL: 'http://127.0.0.1:9/',
  WRITEBACK_ACTOR: 'ada',
})

/**
 * Runs a command in this process.
 * @throws {RefusedCommand} with what it says where the command line makes no sense, else what the command throws
 */
export async function runCommand(stage: Stage, args: readonly string[], variables = {}): Promise<void> {
  const program = createProgram()
  let said = ''
  for (const command of [program, ...program.commands]) {
    command.configureOutput({
      writeErr: (text) => {
        said += text
      },
    })
  }
  for (const [name, value] of Object.entries({ ...environmentOf(stage), ...variables })) {
    vi.stubEnv(name, value as string | undefined)
  }
  try {
    await program.parseAsync(args, { from: 'user' })
  } catch (error) {
    throw error instanceof CommanderError ? new RefusedCommand(said.replace(/\n$/, '')) : explain(error)
  } finally {
    vi.unstubAllEnvs()
  }
}

/**
 * Runs a command as a process of its own.
 * @param code the exit status that it must have
 * @throws {RefusedCommand} with what it says on stderr
 */
export async function runProcess(
  stage: Stage,
  code: number,
  args: readonly string[],
  variables: Readonly<Record<string, string | undefined>> = {},
): Promise<void> {
  const result = await writebackProcess(args, { ...environmentOf(stage), ...variables })
  if (result.code !== code || result.stdout !== '') {
    throw new Error(`it ended with ${result.code} and said: ${result.stdout}${result.stderr}`)
  }
  throw new RefusedCommand(result.stderr.replace(/\n$/, ''))
}
