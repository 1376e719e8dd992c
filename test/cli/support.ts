import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'

const MAIN = resolve('cli/main.ts')

/** How a command ended. */
export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Its stdout, parsed. */
  readonly json: () => never
}

/**
 * Runs `writeback` as its own process, without a terminal.
 * @param env on top of this process's environment
 * @param cwd its working directory
 */
export async function writeback(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
  cwd?: string,
): Promise<CommandResult> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<number | null>((done, reject) => {
    child.once('error', reject)
    child.once('close', done)
  })
  const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { code, stdout, stderr, json: () => JSON.parse(stdout) as never }
}

/** The widest line of a text. */
export function widest(output: string): number {
  return Math.max(...output.split('\n').map((line) => line.length))
}
