#!/usr/bin/env node
import { randomBytes } from 'node:crypto'
import { flushCompileCache } from 'node:module'
import { hostname } from 'node:os'
import { argv } from 'node:process'
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import type { WritebackConfig } from '../src/config/define-config.ts'
import { type Environment, readEnvironment } from '../src/config/environment.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { messageOf, WritebackError } from '../src/errors.ts'
import { createLogger } from '../src/log.ts'
import { sqlOf, startBoss, WORKER_APPLICATION } from '../src/queue/boss.ts'
import { QUEUES } from '../src/queue/queues.ts'
import { checkSight } from '../src/source/check-sight.ts'
import { openClient } from '../src/source/open-client.ts'
import { PrismaReader } from '../src/source/prisma-reader.ts'
import { Sight } from '../src/source/sight.ts'
import { createSheetsClient, createSheetWriter } from '../src/targets/sheet/index.ts'
import { TargetStates } from '../src/targets/state.ts'
import { comparisons } from './comparisons.ts'
import { keepHeapSmall } from './heap-flags.ts'
import { jobs } from './index.ts'
import type { Runtime } from './job.ts'
import { openWorkerPort } from './telemetry/worker-port.ts'
import { createWorkerTelemetry } from './telemetry/worker-telemetry.ts'

/** Time for batches in flight to end after SIGTERM, in milliseconds. Heroku kills after 30 s. */
const STOP_WITHIN_MS = 18_000

/** A worker that runs. */
export interface Worker {
  /** Where metrics and health are served; undefined when no port is set, or it is taken. */
  readonly port: number | undefined
  /**
   * Stops fetching, finishes or returns the batches in hand, closes every connection. A second call waits for the
   * first.
   */
  stop(): Promise<void>
}

/**
 * Starts a worker in this process.
 * @throws WritebackError `CONFIG_INVALID` without a client in the config that can read every target's model, `QUEUE_MISSING` before the release step
 */
export async function startWorker(
  config: WritebackConfig,
  environment: Environment,
  log: Logger,
): Promise<Worker> {
  const client = await openClient(config)
  // Names of machines and numbers of processes are used again; this is the worker's identity.
  const id = randomBytes(4).toString('hex')
  const leaving = new AbortController()
  const boss = await startBoss({
    databaseUrl: environment.databaseUrl,
    schemas: config.schemas,
    log,
    applicationName: `${WORKER_APPLICATION} ${id}`,
    works: true,
  })
  const sql = sqlOf(boss)
  const sight = new Sight(client, sql, config.dataModel)
  const reader = new PrismaReader(client, config.dataModel, sight)
  const telemetry = createWorkerTelemetry()
  const writer = createSheetWriter({
    sheets: createSheetsClient(environment),
    sql,
    databaseUrl: environment.databaseUrl,
    schemas: config.schemas,
    dataModel: config.dataModel,
    reader,
    log,
    quota: environment.quota,
    holder: `${id} ${hostname()}:${process.pid}`,
    onCall: ({ kind, ms }, failure) => telemetry.call({ kind, ms, failure }),
    // Rows that no job names lack something: the comparison of the tab finds them.
    onIncomplete: comparisons(
      (target) => boss.send(QUEUES.reconcile, { target }, { singletonKey: target }),
      log,
      leaving.signal,
    ),
  })
  const runtime: Runtime = {
    ...{ config, environment, log, boss, sql, reader, writer, telemetry },
    leaving: leaving.signal,
  }
  await checkSight({ sight, states: new TargetStates(config.schemas.library), sql, log }, config.targets)
  for (const job of jobs) await job.start(runtime)
  const port = await openWorkerPort(runtime)

  let stopping: Promise<void> | undefined
  const stop = async () => {
    leaving.abort()
    await boss.stop({ graceful: true, close: false, timeout: STOP_WITHIN_MS })
    await writer.close()
    await boss.stop({ close: true })
    await client.$disconnect()
    await port?.close()
  }
  return {
    port: port?.port,
    stop: () => {
      stopping ??= stop()
      return stopping
    },
  }
}

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
    const worker = await startWorker(config, environment, log)
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
