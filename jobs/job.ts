import type { PgBoss } from 'pg-boss'
import type { Logger } from 'pino'
import type { WritebackConfig } from '../src/config/define-config.ts'
import type { Environment } from '../src/config/environment.ts'
import type { Sql } from '../src/database/sql.ts'
import type { LaneLocks } from '../src/lane/lock.ts'
import type { OpenClient } from '../src/source/open-client.ts'
import type { PrismaReader } from '../src/source/prisma-reader.ts'
import type { StateSink } from '../src/targets/target.ts'
import type { WorkerTelemetry } from './telemetry/worker-telemetry.ts'

/** What a job works with. One per worker process. */
export interface Runtime {
  readonly config: WritebackConfig
  readonly environment: Environment
  readonly log: Logger
  readonly boss: PgBoss
  /** pg-boss's own pool, for the library's statements. */
  readonly sql: Sql
  /** The application's client, as the configuration made it. */
  readonly client: OpenClient
  readonly reader: PrismaReader
  /** Writes to the targets, of whatever kind. */
  readonly sinks: StateSink
  /** The lanes that this worker holds. */
  readonly locks: LaneLocks
  readonly telemetry: WorkerTelemetry
  /** Aborted when the worker is to leave. */
  readonly leaving: AbortSignal
}

/** A kind of background job. Its queue and schedule are in src/queue/definitions.ts. */
export interface JobDefinition {
  /** Name in logs. */
  readonly name: string
  /** Starts handling its queue. */
  start(runtime: Runtime): Promise<void>
}
