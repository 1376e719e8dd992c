import type { PgBoss } from 'pg-boss'
import type { Logger } from 'pino'
import type { WritebackConfig } from '../src/config/define-config.ts'
import type { Environment } from '../src/config/environment.ts'
import type { Sql } from '../src/database/sql.ts'
import { type QueueDefinition, SECONDS } from '../src/queue/queues.ts'
import type { PrismaReader } from '../src/source/prisma-reader.ts'
import type { SheetWriter } from '../src/targets/sheet/index.ts'
import type { WorkerTelemetry } from './telemetry/worker-telemetry.ts'

/** What a job works with. One per worker process. */
export interface Runtime {
  readonly config: WritebackConfig
  readonly environment: Environment
  readonly log: Logger
  readonly boss: PgBoss
  /** pg-boss's own pool, for the library's statements. */
  readonly sql: Sql
  readonly reader: PrismaReader
  readonly writer: SheetWriter
  readonly telemetry: WorkerTelemetry
  /** Aborted when the worker is to leave. */
  readonly leaving: AbortSignal
}

/** A kind of background job: its queues, when it runs by itself, and what it does. */
export interface JobDefinition {
  /** Name in logs. */
  readonly name: string
  /** Its queues, a dead letter queue before the one that names it. */
  queues(config: WritebackConfig): readonly QueueDefinition[]
  /** Cron expression on which it is sent to its (last) queue, or null. */
  schedule(config: WritebackConfig): string | null
  /** Starts handling its queue. */
  start(runtime: Runtime): Promise<void>
}

/** Options of the scheduled jobs' queues: one waiting at a time, a few quiet retries before the next tick. */
export function maintenanceQueue(name: string, config: WritebackConfig): QueueDefinition {
  return {
    name,
    policy: 'short',
    retryLimit: 2,
    retryDelay: 30,
    retryBackoff: true,
    expireInSeconds: 15 * SECONDS.minute,
    retentionSeconds: SECONDS.day,
    deleteAfterSeconds: config.retention.days * SECONDS.day,
  }
}
