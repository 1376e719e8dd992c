import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** A line that a process prints when it is ready must come within this time unless told otherwise, in milliseconds. */
const READY_WITHIN_MS = 30_000

/** A process of the demo. */
export interface DemoProcess {
  readonly pid: number
  /** The text that matched when it was ready. */
  readonly ready: RegExpMatchArray
  /** Resolves when it has ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()

// Whatever ends the demo, nothing of it stays behind.
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * Starts a script of the project as a process of its own and waits until it says that it is ready.
 *
 * @param script path from the project's folder
 * @param ready what it prints then
 * @param withinMs how long that may take
 * @throws {Error} with the last lines it printed, when it ends first or says nothing in time
 */
export async function startProcess(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  ready: RegExp,
  withinMs: number = READY_WITHIN_MS,
): Promise<DemoProcess> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child)
      resolve({ code, signal })
    })
  })
  const last: string[] = []
  const match = await new Promise<RegExpMatchArray>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${script} ${why}\n${last.join('\n')}`))
    const timer = setTimeout(() => fail(`was not ready after ${withinMs / 1000} s`), withinMs)
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        last.push(line)
        if (last.length > 20) last.shift()
        const found = line.match(ready)
        if (found) {
          clearTimeout(timer)
          resolve(found)
        }
      })
    }
    void ended.then(({ code }) => {
      clearTimeout(timer)
      fail(`ended with status ${code}`)
    })
  })
  return {
    pid: child.pid as number,
    ready: match,
    ended,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Runs a script to its end. @throws {Error} with what it printed, when its status is not 0 */
export async function runToEnd(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<void> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk))
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  running.delete(child)
  if (code !== 0) throw new Error(`${script} ${args.join(' ')} ended with status ${code}\n${output}`)
}
