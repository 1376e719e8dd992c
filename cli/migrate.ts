import { Command } from 'commander'
import type { TriggerFinding } from '../src/capture/triggers/index.ts'
import type { WritebackConfig } from '../src/config/define-config.ts'
import { readEnvironment } from '../src/config/environment.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { isWritebackError, messageOf, WritebackError } from '../src/errors.ts'
import { checkCapture } from '../src/operations/capture-state.ts'
import { installJobs } from '../src/operations/install.ts'
import { openContext, operationsOf } from '../src/operations/operations.ts'
import { refreshPublishing } from '../src/queue/install.ts'
import { deployMigrations } from './deploy-migrations.ts'
import { EXIT } from './exit.ts'
import { namesMissingTable } from './explain.ts'
import { print, printJson } from './output.ts'
import { printFindings } from './triggers.ts'

/** `writeback migrate`: the release step. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('release step: Prisma migrations, pg-boss schema, queues, schedules; safe while workers run')
    .option('--skip-prisma', 'leave the Prisma migrations to somebody else')
    .option('--json', 'print what was done as JSON')
    .action(async (options: { skipPrisma?: true; json?: true }, command: Command) => {
      const environment = readEnvironment()
      const config = await loadConfig(command.optsWithGlobals().config)
      // What is wrong with the database is said by the steps below.
      await refreshPublishing(environment.databaseUrl, config.schemas).catch(() => {})
      const deployed = !options.skipPrisma && (await deployMigrations(process.cwd()))
      const done = await installJobs(environment.databaseUrl, config).catch((error) => {
        throw deployed || !lacksTables(error) ? error : tablesMissing(error)
      })
      const triggers = await checkInstalled(config, environment.databaseUrl)
      // Those of another version that work wait for somebody, and no deploy has to wait with them.
      if (triggers.some(({ severity }) => severity === 'error')) process.exitCode = EXIT.broken
      if (options.json) {
        printJson({
          ...done,
          queueSchema: config.schemas.queue,
          triggers,
          targets: config.targets.map(({ name }) => name),
        })
        return
      }
      const before = done.queueSchemaBefore
      const was = before === null || before === done.queueSchemaVersion ? '' : `, was ${before}`
      print(`pg-boss   schema ${config.schemas.queue}, version ${done.queueSchemaVersion}${was}`)
      print(`queues    ${done.created.length} made, ${done.updated.length} brought up to date`)
      print(
        `targets   ${config.targets.length}, of which new or moved: ${done.newTargets.join(', ') || 'none'}`,
      )
      if (done.compared.length > 0)
        print(`compare   ${done.compared.join(', ')}: queued, each tab with its whole table`)
      for (const { severity, subject, message } of done.places)
        print(`place     ${subject}: ${severity === 'ok' ? '' : `${severity}: `}${message}`)
      printFindings(triggers)
    })
}

/** Whether the triggers fit what the migrations made of the tables. */
async function checkInstalled(
  config: WritebackConfig,
  databaseUrl: string,
): Promise<readonly TriggerFinding[]> {
  const context = await openContext(config, { databaseUrl })
  try {
    return await checkCapture(context)
  } finally {
    await operationsOf(context).close()
  }
}

/** Tables in a schema that the configuration does not name are another matter. */
function lacksTables(error: unknown): boolean {
  const isMissing = isWritebackError(error, 'TABLES_MISSING') && error.got === 'none in any schema'
  return isMissing || namesMissingTable(error)
}

/** What to say where somebody else makes the tables. */
function tablesMissing(cause: unknown): WritebackError {
  return new WritebackError('TABLES_MISSING', {
    problem: 'a table is not in the database',
    expected: "the library's tables, which no migration has made",
    got: isWritebackError(cause) ? (cause.got ?? cause.problem) : messageOf(cause),
    remedy:
      'Make them as you make your own: npx prisma db push, or npx prisma migrate dev; "writeback init" adds them to the schema',
    cause,
  })
}
