import type { Logger } from 'pino'
import type { WritebackConfig } from '../config/define-config.ts'
import type { Sql } from '../database/sql.ts'

/** What maintenance works with. */
export interface MaintenanceContext {
  readonly sql: Sql
  readonly config: WritebackConfig
  readonly log: Logger
}
