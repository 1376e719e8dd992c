import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePort } from '../../tools/embedded-postgres.ts'

/** Whether there is a Redis to start: without one there is no cache. */
export const hasRedis: boolean = spawnSync('redis-server', ['--version']).status === 0

const READY_MS = 20_000

/** A Redis of the torture's own, which keeps nothing on disk: what it forgets is gone. */
export class TortureRedis {
  readonly url: string
  readonly #port: number
  #child: ChildProcess

  /** Starts it. */
  static async start(): Promise<TortureRedis> {
    const port = await freePort()
    const redis = new TortureRedis(port, run(port))
    await redis.#answers()
    return redis
  }

  private constructor(port: number, child: ChildProcess) {
    this.url = `redis://127.0.0.1:${port}`
    this.#port = port
    this.#child = child
  }

  /** Kills it, and starts an empty one. */
  async restart(): Promise<void> {
    await this.stop()
    this.#child = run(this.#port)
    await this.#answers()
  }

  /** It stands still: connections stay open, and nothing answers. */
  freeze(): void {
    this.#child.kill('SIGSTOP')
  }

  wake(): void {
    this.#child.kill('SIGCONT')
  }

  /** Values that stand there, by key. */
  async values(prefix: string): Promise<Map<string, string>> {
    const redis = new Redis(this.url)
    try {
      const keys = await redis.keys(`${prefix}*`)
      const texts = keys.length === 0 ? [] : await redis.mget(keys)
      return new Map(keys.flatMap((key, at) => (texts[at] ? [[key, texts[at]]] : [])))
    } finally {
      redis.disconnect()
    }
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }

  async #answers(): Promise<void> {
    const redis = new Redis(this.url, { retryStrategy: () => 50 })
    redis.on('error', () => {})
    try {
      const late = sleep(READY_MS, undefined, { ref: false }).then(() => {
        throw new Error(`Redis did not answer within ${READY_MS} ms`)
      })
      await Promise.race([redis.ping(), late])
    } finally {
      redis.disconnect()
    }
  }
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

function run(port: number): ChildProcess {
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const child = spawn('redis-server', args, { stdio: 'ignore' })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}
