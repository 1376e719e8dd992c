import { CommanderError } from 'commander'
import { messageOf, WritebackError } from '../src/errors.ts'
import { EXIT } from './exit.ts'
import { explain } from './explain.ts'
import { createProgram } from './program.ts'

/**
 * Runs one command: says on stderr what went wrong, and sets the process's exit code, see {@link EXIT}.
 * @param args what stands behind `writeback`
 */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync([...args], { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has said what is wrong. Help that was asked for is no error.
      process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage
      return
    }
    const told = explain(error)
    process.stderr.write(`${told instanceof WritebackError ? `${told.code} ` : ''}${messageOf(told)}\n`)
    process.exitCode = EXIT.error
  }
}
