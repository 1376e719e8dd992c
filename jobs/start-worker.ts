import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import type { Logger } from 'pino'
import type { WritebackConfig } from '../src/config/define-config.ts'
import { type Environment, readEnvironment } from '../src/config/environment.ts'
import { messageOf, WritebackError } from '../src/errors.ts'
import { LANE_SILENCE_MS, LaneLocks } from '../src/lane/lock.ts'
import { createLogger } from '../src/log.ts'
import { sqlOf, startBoss, WORKER_APPLICATION } from '../src/queue/boss.ts'
import { QUEUES } from '../src/queue/queues.ts'
import { openClient } from '../src/source/open-client.ts'
import { PrismaReader } from '../src/source/prisma-reader.ts'
import { Sight } from '../src/source/sight.ts'
import { checkSight } from '../src/targets/check-sight.ts'
import { openSinks } from '../src/targets/sinks.ts'
import { TargetStates } from '../src/targets/state.ts'
import { byKind } from '../src/targets/target.ts'
import { comparisons } from './comparisons.ts'
import { listenForEdits } from './edit-signals.ts'
import { jobs } from './index.ts'
import type { Runtime } from './job.ts'
import { openWorkerPort } from './telemetry/worker-port.ts'
import { createWorkerTelemetry } from './telemetry/worker-telemetry.ts'

/** Time for batches in flight to end when a worker stops, in milliseconds. Heroku kills after 30 s. */
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

/** Options of {@link startWorker}. */
export interface WorkerOptions {
  /**
   * Database, Google, quota and sizes, as `readEnvironment` gives them.
   * @defaultValue the variables of the process, without `PORT`: in a process of yours that is the port of your server, so
   * that metrics are served where `WRITEBACK_PORT` says
   */
  readonly environment?: Environment
  /** @defaultValue JSON lines on standard output at the environment's log level */
  readonly log?: Logger
  /**
   * Whether this worker sends what is scheduled: nightly comparison, cleanup, recovery. One worker of a database has to.
   * @defaultValue true
   */
  readonly schedules?: boolean
  /** Signals that stop the worker. The process goes on; what ends it is yours. @defaultValue none */
  readonly stopOn?: readonly NodeJS.Signals[]
}

/**
 * Starts a worker in this process, beside whatever else runs in it: it takes the queued changes and writes them to their
 * places. It ends no process and listens to no signal, unless `stopOn` names some.
 *
 * @throws WritebackError `ENV_INVALID`, `CONFIG_INVALID` without a client in the config that can read every target's
 * model, `DATABASE_UNAVAILABLE`, `TABLES_MISSING` and `QUEUE_MISSING` before the release step, `QUEUE_VERSION`. Nothing stays open then.
 *
 * @example
 * import { startWorker } from 'prisma-writeback/worker'
 * import config from './writeback.config.ts'
 *
 * const worker = await startWorker(config)
 * server.on('close', () => worker.stop())
 */
export async function startWorker(config: WritebackConfig, options: WorkerOptions = {}): Promise<Worker> {
  const environment = options.environment ?? readEnvironment({ ...process.env, PORT: undefined })
  const log = options.log ?? createLogger(environment.logLevel)
  /** How what is open is closed, in the order of opening. */
  const open: (() => Promise<unknown> | undefined)[] = []
  try {
    return await start(config, { schedules: true, stopOn: [], ...options, environment, log }, open)
  } catch (error) {
    for (const close of open.reverse()) await close()?.catch(() => {})
    throw error
  }
}

async function start(
  config: WritebackConfig,
  { environment, log, schedules, stopOn }: Required<WorkerOptions>,
  open: (() => Promise<unknown> | undefined)[],
): Promise<Worker> {
  for (const kind of byKind(config.targets).keys()) kind.checkEnvironment?.(environment)
  const client = await openClient(config)
  open.push(() => client.$disconnect())
  // Names of machines and numbers of processes are used again; this is the worker's identity.
  const id = randomBytes(4).toString('hex')
  const holder = `${id} ${hostname()}:${process.pid}`
  const leaving = new AbortController()
  const boss = await startBoss({
    databaseUrl: environment.databaseUrl,
    schemas: config.schemas,
    log,
    applicationName: `${WORKER_APPLICATION} ${id}`,
    works: true,
    schedules,
  })
  open.push(() => boss.stop({ graceful: false, close: true }))
  // pg-boss would wait for a queue that nobody makes.
  if ((await boss.getQueue(QUEUES.writeBack)) === null) {
    throw new WritebackError('QUEUE_MISSING', {
      problem: 'the worker has nothing to work on',
      expected: `queue ${QUEUES.writeBack} in schema "${config.schemas.queue}"`,
      remedy: 'Run "writeback migrate"',
    })
  }
  const sql = sqlOf(boss)
  const sight = new Sight(client, sql, config.dataModel)
  const reader = new PrismaReader(client, config.dataModel, sight)
  const telemetry = createWorkerTelemetry()
  const locks = new LaneLocks(environment.databaseUrl, log, LANE_SILENCE_MS)
  open.push(() => locks.close())
  const sinks = await openSinks(config.targets, {
    locks,
    sql,
    schemas: config.schemas,
    dataModel: config.dataModel,
    environment,
    reader,
    log,
    holder,
    onCall: ({ place = '', kind, ms }, failure) => telemetry.call({ place, kind, ms, failure }),
    // Entries that no job names lack something: the comparison finds them.
    onIncomplete: comparisons(
      (target) => boss.send(QUEUES.reconcile, { target }, { singletonKey: target }),
      log,
      leaving.signal,
    ),
  })
  open.push(() => sinks.close())
  const runtime: Runtime = {
    ...{ config, environment, log, boss, sql, client, reader, sinks, locks, telemetry },
    leaving: leaving.signal,
  }
  open.push(() => {
    leaving.abort()
    return undefined
  })
  await checkSight({ sight, states: new TargetStates(config.schemas.library), sql, log }, config.targets)
  for (const job of jobs) await job.start(runtime)
  await listenForEdits(runtime, holder)
  const port = await openWorkerPort(runtime)

  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= (async () => {
      for (const signal of stopOn) process.off(signal, onSignal)
      leaving.abort()
      await boss.stop({ graceful: true, close: false, timeout: STOP_WITHIN_MS })
      await sinks.close()
      await locks.close()
      await boss.stop({ close: true })
      await client.$disconnect()
      await port?.close()
    })()
    return stopping
  }
  const onSignal = (signal: NodeJS.Signals) => {
    log.info({ signal }, 'worker leaves')
    stop().catch((error) => log.error({ error: messageOf(error) }, 'worker could not leave in order'))
  }
  for (const signal of stopOn) process.on(signal, onSignal)
  return { port: port?.port, stop }
}
