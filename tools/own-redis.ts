import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis as Ioredis } from 'ioredis'
import { freePort } from './embedded-postgres.ts'

/** Whether a Redis of one's own can be started here. */
export const hasServer: boolean = spawnSync('redis-server', ['--version']).status === 0

/** How long Redis may take until it answers, in milliseconds. */
const READY_MS = 20_000

/** A process of Redis of one's own, for tests and the torture. It ends with this process, however that ends. */
export interface RedisProcess {
  readonly url: string
  readonly port: number
  start(...args: string[]): Promise<void>
  /** Sends it a signal, such as SIGSTOP. */
  signal(signal: NodeJS.Signals): void
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>
  close(): Promise<void>
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** Makes such a process on a free port; nothing is kept on disk unless `args` say so. */
export async function ownRedis(): Promise<RedisProcess> {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'writeback-redis-'))
  let child: ChildProcess | undefined
  const kill = async () => {
    const ending = child
    child = undefined
    if (!ending || ending.exitCode !== null) return
    const ended = once(ending, 'exit')
    ending.kill('SIGKILL')
    await ended
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    async start(...args) {
      const given = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', ...args]
      const started = spawn('redis-server', given, { stdio: 'ignore' })
      running.add(started)
      started.once('exit', () => running.delete(started))
      child = started
      const deadline = Date.now() + READY_MS
      while (!(await answers(port))) {
        if (Date.now() > deadline) throw new Error(`Redis did not answer within ${READY_MS} ms`)
        await sleep(20)
      }
    },
    signal: (signal) => void child?.kill(signal),
    kill,
    async close() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function answers(port: number): Promise<boolean> {
  const probe = new Ioredis(port, '127.0.0.1', { lazyConnect: true, retryStrategy: () => null })
  probe.on('error', () => {})
  try {
    await probe.connect()
    await probe.ping()
    return true
  } catch (error) {
    return String(error).includes('NOAUTH')
  } finally {
    probe.disconnect()
  }
}
