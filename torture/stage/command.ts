import { join } from 'node:path'
import { runChild } from './child.ts'

/**
 * Runs a command of the library's.
 * @param folder where its log goes
 * @throws {Error} when its status is not 0
 */
export async function runCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  folder: string,
): Promise<void> {
  const logFile = join(folder, 'commands.log')
  const { code, signal } = await runChild('cli/main.ts', { args, env, logFile })
  if (code !== 0) throw new Error(`writeback ${args.join(' ')} ended with ${signal ?? code}; see ${logFile}`)
}
