import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** How an ended process ended. */
export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process of the torture. */
export interface Child {
  readonly process: ChildProcess
  readonly pid: number
  readonly logFile: string
  /** Undefined while it runs. */
  readonly end: () => End | undefined
  readonly ended: Promise<End>
}

const running = new Set<ChildProcess>()

// Whatever ends the torture, none of its processes stays behind, a stopped one included.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** How a process is started. */
export interface ChildOptions {
  readonly args?: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Where what it prints goes. */
  readonly logFile: string
  /** Whether messages can be sent to it. */
  readonly talks?: boolean
}

/**
 * Starts a script of the project as a process of its own.
 * @param script from the project's folder
 */
export function startChild(script: string, { args = [], env, logFile, talks }: ChildOptions): Child {
  const log = openSync(logFile, 'a')
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log, ...(talks ? (['ipc'] as const) : [])],
  })
  closeSync(log)
  running.add(child)
  let end: End | undefined
  const ended = new Promise<End>((resolve) => {
    child.once('exit', (code, signal) => {
      running.delete(child)
      end = { code, signal }
      resolve(end)
    })
  })
  return { process: child, pid: child.pid as number, logFile, end: () => end, ended }
}

/** Runs a script to its end. */
export function runChild(script: string, options: ChildOptions): Promise<End> {
  return startChild(script, options).ended
}
