import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { vi } from 'vitest'
import { runCommandLine } from '../../cli/command-line.ts'

const MAIN = resolve('cli/main.ts')

/** How a command ended. */
export interface CommandResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** Its stdout, parsed. */
  readonly json: () => never
}

let isRunning = false

/**
 * Runs `writeback` in this process, which takes a tenth of the time that one of its own takes; one at a time.
 * @param env on top of this process's environment
 */
export async function writeback(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<CommandResult> {
  if (isRunning) throw new Error('a command runs already: run this one with writebackProcess')
  isRunning = true
  const said = { stdout: '', stderr: '' }
  const spies = (['stdout', 'stderr'] as const).map((stream) =>
    vi.spyOn(process[stream], 'write').mockImplementation((chunk) => {
      said[stream] += String(chunk)
      return true
    }),
  )
  const before = process.env
  process.env = { ...before, NO_COLOR: undefined, FORCE_COLOR: undefined, ...env }
  for (const [name, value] of Object.entries(process.env)) if (value === undefined) delete process.env[name]
  try {
    process.exitCode = undefined
    await runCommandLine(args)
    const code = Number(process.exitCode ?? 0)
    return { ...said, code, json: () => JSON.parse(said.stdout) as never }
  } finally {
    process.exitCode = undefined
    process.env = before
    for (const spy of spies) spy.mockRestore()
    isRunning = false
  }
}

/**
 * Runs `writeback` as its own process, without a terminal.
 * @param env on top of this process's environment
 * @param cwd its working directory
 */
export async function writebackProcess(
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
