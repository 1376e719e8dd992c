import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { until } from './wait.ts'

/** A worker as its own process, as a dyno is. */
export interface WorkerProcess {
  readonly child: ChildProcess
  /** Its log, parsed; lines that are no JSON stand under `msg`. */
  readonly log: readonly Record<string, unknown>[]
  /** Everything it printed. */
  readonly output: () => string
  /** Resolves with exit status and signal once it has ended. */
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * Starts `jobs/worker.ts` and waits until it says that it is ready.
 * @param env on top of this process's environment
 */
export async function startWorkerProcess(env: Readonly<Record<string, string>>): Promise<WorkerProcess> {
  const worker = spawnWorkerProcess(env)
  await until(
    'the worker is ready',
    () => {
      if (worker.child.exitCode !== null) throw new Error(`the worker ended: ${worker.output()}`)
      return worker.log.some((line) => line.msg === 'worker ready')
    },
    30_000,
  )
  return worker
}

/** Starts `jobs/worker.ts` without waiting: it may be meant to fail. */
export function spawnWorkerProcess(env: Readonly<Record<string, string | undefined>>): WorkerProcess {
  const child = spawn(process.execPath, ['jobs/worker.ts'], {
    env: { ...process.env, LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const lines: string[] = []
  const log: Record<string, unknown>[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      log.push(line.startsWith('{') ? JSON.parse(line) : { msg: line })
    })
  }
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => {
      running.delete(child)
      resolve({ code, signal })
    })
  })
  return { child, log, output: () => lines.join('\n'), ended }
}
