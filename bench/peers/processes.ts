import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Peer, Place, Purpose } from './peer.ts'
import type { WorkerMessage } from './worker-process.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const WORKER_PROCESS = fileURLToPath(new URL('./worker-process.ts', import.meta.url))
const READY_WITHIN_MS = 30_000
const KEPT_LINES = 20

/** Kernel ticks a second in /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** A process of a benchmark. It ends with the benchmark, however that ends. */
export interface Child {
  readonly pid: number
  /** When it was started, in milliseconds since 1970. */
  readonly startedAt: number
  /** Resolved when it has said that it is ready. */
  readonly ready: Promise<void>
  /** Resolved when it has ended, with how and the last lines it printed. */
  readonly ended: Promise<Ending>
  kill(signal: NodeJS.Signals): void
  /** Sends it a message. */
  tell(message: object): void
  /** Ends it in order, and by force when that takes longer than 20 s. */
  stop(): Promise<void>
}

/** How a process ended. */
export interface Ending {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly lines: readonly string[]
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/**
 * Starts a script as a process of its own.
 * @param onMessage told every message it sends; `{ ready: true }` makes it ready, as does a line that says so
 */
export function startChild(
  script: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  onMessage: (message: object) => void = () => {},
): Child {
  const startedAt = Date.now()
  const child = fork(script, args, { cwd: ROOT, env: { ...process.env, ...env }, silent: true })
  running.add(child)
  const lines: string[] = []
  const ended = once(child, 'close').then(([code, signal]): Ending => {
    running.delete(child)
    return { code, signal, lines }
  })
  const ready = new Promise<void>((resolve, reject) => {
    const fail = (why: string) => reject(new Error(`${script} ${args.join(' ')} ${why}\n${lines.join('\n')}`))
    const timer = setTimeout(() => fail('was not ready in time'), READY_WITHIN_MS)
    const isReady = () => {
      clearTimeout(timer)
      resolve()
    }
    child.on('message', (message: object) => {
      if ('ready' in message) isReady()
      onMessage(message)
    })
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        if (lines.length > KEPT_LINES) lines.shift()
        if (line.includes('worker ready')) isReady()
      })
    }
    void ended.then(() => {
      clearTimeout(timer)
      fail('ended')
    })
  })
  // Nobody waits for a process that is killed before it is ready.
  ready.catch(() => {})
  return {
    pid: child.pid ?? 0,
    startedAt,
    ready,
    ended,
    kill: (signal) => void child.kill(signal),
    tell: (message) => {
      if (child.connected) child.send(message, () => {})
    },
    async stop() {
      const force = setTimeout(() => child.kill('SIGKILL'), 20_000)
      child.kill('SIGTERM')
      await ended
      clearTimeout(force)
    },
  }
}

/**
 * Starts a peer's worker as a process of its own.
 * @param told called after every `every` jobs that are done; not for a worker with a script of its own
 */
export function startWorkerChild(
  peer: Peer,
  place: Place,
  purpose: Purpose,
  { every = 0, told = () => {} }: { every?: number; told?: (done: number, at: number) => void } = {},
): Child {
  const own = purpose === 'sheet' ? peer.sheetWorker?.(place) : undefined
  const script = own?.script ?? WORKER_PROCESS
  const args = own?.args ?? [peer.name, purpose, String(every)]
  const env = own?.env ?? { PEER_PLACE: JSON.stringify(place) }
  return startChild(script, args, { LOG_LEVEL: 'info', ...env }, (message) => {
    const tale = message as WorkerMessage
    if ('done' in tale) told(tale.done, tale.at)
  })
}

/** What a process uses. */
export interface Usage {
  /** Memory it holds now, and the most it has held, in bytes. */
  readonly rss: number
  readonly peakRss: number
  /** Processor time since it was started, in milliseconds, in steps of 10. */
  readonly cpuMs: number
}

/** Reads /proc; null where there is none (macOS, Windows). */
export function usageOf(pid: number): Usage | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1])
    // The fields after the name, which may hold blanks itself: state is the 3rd, utime the 14th, stime the 15th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const ticks = Number(fields[11]) + Number(fields[12])
    return {
      rss: kilobytes('VmRSS') * 1024,
      peakRss: kilobytes('VmHWM') * 1024,
      cpuMs: (ticks * 1000) / TICKS_PER_SECOND,
    }
  } catch {
    return null
  }
}
