import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis as Ioredis } from 'ioredis'
import { freePort } from '../../../../tools/embedded-postgres.ts'
import { until } from '../../../support/wait.ts'

/** Whether tests can start a Redis of their own. */
export const hasServer: boolean = spawnSync('redis-server', ['--version']).status === 0

/** A process of Redis of the test's own. */
export interface RedisProcess {
  readonly url: string
  readonly port: number
  start(...args: string[]): Promise<void>
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>
  close(): Promise<void>
}

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
      child = spawn('redis-server', given, { stdio: 'ignore' })
      await until('Redis answers', async () => {
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
      })
    },
    kill,
    async close() {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
