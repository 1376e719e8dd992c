import type { PgBoss } from 'pg-boss'
import type { Logger } from 'pino'
import { collectDefaultMetrics } from 'prom-client'
import type { WritebackConfig } from '../../src/config/define-config.ts'
import type { Environment } from '../../src/config/environment.ts'
import type { Sql } from '../../src/database/sql.ts'
import { messageOf } from '../../src/errors.ts'
import { receiveSignal } from '../../src/inbound/receive-signal.ts'
import { judge } from '../../src/operations/health.ts'
import { quotaOf } from '../../src/operations/quota-left.ts'
import { readStats } from '../../src/operations/stats.ts'
import { editableTargets } from '../../src/targets/editable.ts'
import { addQueueGauges, keepFresh } from './queue-gauges.ts'
import { startTelemetryServer, type TelemetryServer } from './server.ts'
import type { WorkerTelemetry } from './worker-telemetry.ts'

/** The part of a worker that its port shows. */
export interface WorkerPortOptions {
  readonly config: WritebackConfig
  readonly environment: Pick<Environment, 'port' | 'scriptSecret' | 'variables'>
  readonly boss: PgBoss
  readonly sql: Sql
  readonly log: Logger
  readonly telemetry: WorkerTelemetry
  readonly leaving: AbortSignal
}

/**
 * Opens the worker's port, when one is set. A port that is taken is no reason not to work: it is logged.
 * @returns undefined without a port
 */
export async function openWorkerPort({
  config,
  environment: { port, scriptSecret, variables },
  boss,
  sql,
  log,
  telemetry,
  leaving,
}: WorkerPortOptions): Promise<TelemetryServer | undefined> {
  if (port === null) return undefined
  const { registry } = telemetry
  collectDefaultMetrics({ register: registry })
  const latest = keepFresh(() =>
    readStats({ config, boss, sql, log, variables, quota: quotaOf(config.targets, variables) }),
  )
  addQueueGauges(registry, latest)
  try {
    return await startTelemetryServer({
      port,
      registry,
      ready: async () => {
        leaving.throwIfAborted()
        await sql.query('select 1')
      },
      health: async () => {
        const stats = await latest()
        return stats && judge(stats)
      },
      signals: scriptSecret === null ? undefined : signalsOf(config, sql, scriptSecret),
    })
  } catch (error) {
    log.error({ port, error: messageOf(error) }, 'no metrics and no health: the port cannot be opened')
    return undefined
  }
}

/** Takes signals with the worker's own connections. */
function signalsOf(config: WritebackConfig, sql: Sql, secret: string) {
  const context = {
    ...{ secret, sql, schemas: config.schemas },
    spreadsheets: new Set(editableTargets(config).keys()),
  }
  return (request: Request) => receiveSignal(request, context)
}
