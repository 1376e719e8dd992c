import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Child, type End, startChild } from './child.ts'
import { stateOf } from './process-state.ts'

/** Heroku kills what has not left 30 s after SIGTERM; the library promises 20. */
const LEAVES_WITHIN_MS = 20_000

/** A worker that cannot start, because the database is away for example, is started again after this time. */
const RESTART_MS = 1_000

/** A worker of the fleet. Its process may change. */
export interface Dyno {
  readonly name: string
  child: Child
  /** What was done to it: an end that follows is not its own fault. */
  expected: 'to run' | 'to stand still' | 'to leave' | 'to die'
}

/** Worker processes, started again when they end, as a platform does. */
export class Fleet {
  /** What workers did that they must not do. */
  readonly complaints: string[] = []
  readonly #script: readonly string[]
  readonly #env: Readonly<Record<string, string>>
  readonly #folder: string
  readonly #dynos = new Set<Dyno>()
  /** Processes that a fault killed: it may do so while they leave, and another one runs in their place at once. */
  readonly #killed = new WeakSet<Child>()
  #started = 0
  #isClosed = false

  /** @param script what to run, with its arguments */
  constructor(script: readonly string[], env: Readonly<Record<string, string>>, folder: string) {
    this.#script = script
    this.#env = env
    this.#folder = folder
  }

  /** The workers that are meant to run. */
  get dynos(): readonly Dyno[] {
    return [...this.#dynos]
  }

  /** Starts another worker. */
  add(): Dyno {
    const name = `worker-${++this.#started}`
    const dyno: Dyno = { name, child: this.#start(name), expected: 'to run' }
    this.#dynos.add(dyno)
    this.#watch(dyno)
    return dyno
  }

  /** Waits until a worker has said that it is ready. */
  async ready(dyno: Dyno, withinMs = 120_000): Promise<void> {
    const deadline = Date.now() + withinMs
    while (!isReady(dyno)) {
      if (Date.now() > deadline) throw new Error(`${dyno.name} is not ready after ${withinMs} ms`)
      await sleep(50)
    }
  }

  /** Kills a worker at once; another one takes its place. */
  async kill(dyno: Dyno): Promise<void> {
    const { child } = dyno
    dyno.expected = 'to die'
    this.#killed.add(child)
    child.process.kill('SIGKILL')
    await child.ended
  }

  /**
   * Tells a worker to leave, perhaps twice.
   * @returns once it has left, or has been killed because it did not
   */
  async leave(dyno: Dyno, signals = 1): Promise<void> {
    // One that stands still hears nothing, and is killed as a platform kills it; one that leaves already, by who told it.
    const hears = dyno.expected === 'to run'
    dyno.expected = 'to leave'
    const wasReady = isReady(dyno)
    const { child } = dyno
    const asked = Date.now()
    child.process.kill('SIGTERM')
    for (let more = 1; more < signals; more++) {
      await sleep(500)
      child.process.kill('SIGTERM')
    }
    const end = await Promise.race([child.ended, sleep(LEAVES_WITHIN_MS, undefined, { ref: false })])
    if (end === undefined) {
      if (hears) {
        const state = stateOf(child.pid)
        this.complaints.push(
          `${dyno.name} has not left ${LEAVES_WITHIN_MS / 1000} s after SIGTERM; its threads: ${state}`,
        )
      }
      child.process.kill('SIGKILL')
      await child.ended
    } else if (wasReady && hears && end.code !== 0 && !this.#killed.has(child)) {
      const after = Math.round((Date.now() - asked) / 100) / 10
      this.complaints.push(`${dyno.name} left with ${describe(end)} ${after} s after SIGTERM`)
    }
  }

  /** Takes a worker out of the fleet, for good. */
  async retire(dyno: Dyno): Promise<void> {
    this.#dynos.delete(dyno)
    await this.leave(dyno)
  }

  /** All workers leave. */
  async close(): Promise<void> {
    this.#isClosed = true
    const all = this.dynos
    this.#dynos.clear()
    await Promise.all(all.map((dyno) => this.leave(dyno)))
  }

  #start(name: string): Child {
    const [script = '', ...args] = this.#script
    return startChild(script, { args, env: this.#env, logFile: join(this.#folder, `${name}.log`) })
  }

  #watch(dyno: Dyno): void {
    const { child } = dyno
    const wasReady = () => isReady(dyno)
    void child.ended.then(async (end) => {
      const ranBefore = wasReady()
      if (dyno.expected === 'to run' && ranBefore && !this.#isClosed) {
        this.complaints.push(`${dyno.name} ended by itself with ${describe(end)}; its log: ${child.logFile}`)
      }
      if (!ranBefore) await sleep(RESTART_MS)
      if (this.#isClosed || !this.#dynos.has(dyno)) return
      dyno.child = this.#start(dyno.name)
      dyno.expected = 'to run'
      this.#watch(dyno)
    })
  }
}

/** Whether the process that runs now has said that it is ready. */
function isReady({ child }: Dyno): boolean {
  const log = readFileSync(child.logFile, 'utf8')
  return log.includes(`"pid":${child.pid}`) && new RegExp(`"pid":${child.pid}\\b.*worker ready`).test(log)
}

function describe({ code, signal }: End): string {
  return signal === null ? `status ${code}` : `signal ${signal}`
}
