import { compareObjects } from './compare.ts'
import type { InstalledFunction } from './installed.ts'
import {
  createHelperSql,
  createTableSql,
  dropFunctionSql,
  type TriggerConfig,
  type WantedTable,
} from './objects.ts'

/** An ordinary Prisma migration: a folder of that name under `prisma/migrations` with a `migration.sql`. */
export interface TriggerMigration {
  /** Name of the folder: a time and what it is, as Prisma names them. */
  readonly name: string
  /** Contents of `migration.sql`. */
  readonly sql: string
  /** Tables that get or change their triggers, and functions that go. */
  readonly changed: readonly string[]
  readonly removed: readonly string[]
}

/**
 * The migration that brings a database from what is installed to what the configuration wants: triggers of
 * new targets are made, those of changed targets are replaced, those of removed targets dropped. It may run
 * again, and needs neither pg-boss's schema nor the publishing function to be there yet: until the first release
 * step, writes pass (see `queue/readiness.ts`).
 *
 * @param installed what `readInstalled` found, or `[]` for a database without triggers
 * @param now for the name of the folder
 * @returns null when there is nothing to do
 */
export function renderTriggerMigration(
  config: TriggerConfig,
  installed: readonly InstalledFunction[],
  now: Date,
): TriggerMigration | null {
  const { helpers, tables, obsolete } = compareObjects(config, installed)
  const wrongHelpers = helpers.filter((one) => one.wrong.length > 0).map((one) => one.wanted)
  const wrongTables = tables.filter((one) => one.wrong.length > 0).map((one) => one.wanted)
  const neededHelpers = tables.length > 0 ? wrongHelpers : []
  if (neededHelpers.length + wrongTables.length + obsolete.length === 0) return null
  const sections = [
    HEADER,
    ...neededHelpers.map((one) => `-- Shared by the triggers.\n${createHelperSql(one, config.schemas)}`),
    ...wrongTables.map((one) => `${explained(one)}\n${createTableSql(one, config.schemas)}`),
    ...obsolete.map(
      (one) =>
        `-- No target needs ${tablesOf(one) || 'this function'} any more.\n${dropFunctionSql(one.name, config.schemas)}`,
    ),
  ]
  return {
    name: `${timestamp(now)}_writeback_triggers`,
    sql: `${sections.join('\n\n')}\n`,
    changed: wrongTables.map((one) => one.table),
    removed: obsolete.map((one) => one.name),
  }
}

const HEADER = `-- Triggers of prisma-writeback, written by \`writeback triggers\`. They queue a job for every record that a
-- target shows and that looks different after a statement, in the transaction of the statement. Run the command
-- again when the targets or the models change; \`writeback triggers --check\` tells whether it is time.`

function explained({ schema, table, plan }: WantedTable): string {
  const causes = plan.causes.map((cause) =>
    cause.kind === 'own'
      ? `--   target ${cause.target.name} mirrors ${cause.model.name}`
      : `--   target ${cause.target.name} shows it with ${cause.root.name}, through ${cause.path}`,
  )
  return [`-- Table ${schema}.${table}:`, ...causes].join('\n').replace(/\r|\n(?!--)/g, ' ')
}

function tablesOf(one: InstalledFunction): string {
  return [...new Set(one.triggers.map((trigger) => `the triggers of ${trigger.schema}.${trigger.table}`))]
    .join(' and ')
    .replace(/\s+/g, ' ')
}

/** `20261121094500`, in UTC. */
function timestamp(now: Date): string {
  return now.toISOString().replace(/\D/g, '').slice(0, 14)
}
