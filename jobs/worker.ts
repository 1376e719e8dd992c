#!/usr/bin/env node
import { flushCompileCache } from 'node:module'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import { readEnvironment } from '../src/config/environment.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { messageOf, WritebackError } from '../src/errors.ts'
import { createLogger } from '../src/log.ts'
import { keepHeapSmall } from './heap-flags.ts'
import { startWorker } from './start-worker.ts'

/** The worker process: starts, says so, leaves on SIGTERM or SIGINT with status 0. */
export async function runWorkerProcess(configPath?: string): Promise<void> {
  const started = performance.now()
  keepHeapSmall()
  let log: Logger | undefined
  try {
    const environment = readEnvironment()
    log = createLogger(environment.logLevel)
    const config = await loadConfig(configPath)
    // With NODE_COMPILE_CACHE Node writes hundreds of files as it exits, for seconds on a busy disk; the time to leave is short.
    flushCompileCache()
    const worker = await startWorker(config, { environment, log })
    const leave = (signal: string) => {
      log?.info({ signal }, 'worker leaves')
      worker.stop().then(
        () => {
          log?.info('worker left')
          process.exit(0)
        },
        (error) => {
          log?.error({ error: messageOf(error) }, 'worker could not leave in order')
          process.exit(1)
        },
      )
    }
    process.on('SIGTERM', leave)
    process.on('SIGINT', leave)
    const targets = config.targets.map((target) => target.name)
    const ms = Math.round(performance.now() - started)
    log.info({ pid: process.pid, targets, ...(worker.port && { port: worker.port }), ms }, 'worker ready')
  } catch (error) {
    const line = error instanceof WritebackError ? `${error.code} ${error.message}` : messageOf(error)
    if (log) log.fatal(line)
    else process.stderr.write(`${line}\n`)
    process.exit(1)
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) await runWorkerProcess()
