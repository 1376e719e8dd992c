import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import { installJobs } from '../../jobs/index.ts'
import type { TriggerFinding } from '../capture/triggers/index.ts'
import type { WritebackConfig } from '../config/define-config.ts'
import { loadConfig } from '../config/load-config.ts'
import { messageOf, WritebackError } from '../errors.ts'
import { checkCapture } from '../operations/capture-state.ts'
import { openContext, operationsOf } from '../operations/operations.ts'
import { EXIT } from './exit.ts'
import { print, printJson } from './output.ts'
import { readDatabaseEnvironment } from './session.ts'
import { printFindings } from './triggers.ts'

/** `writeback migrate`: the release step. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('release step: Prisma migrations, pg-boss schema, queues, schedules; safe while workers run')
    .option('--skip-prisma', 'leave the Prisma migrations to somebody else')
    .option('--json', 'print what was done as JSON')
    .action(async (options: { skipPrisma?: true; json?: true }, command: Command) => {
      const environment = readDatabaseEnvironment()
      const config = await loadConfig(command.optsWithGlobals().config)
      if (!options.skipPrisma) await deployMigrations()
      const done = await installJobs(environment.databaseUrl, config)
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
        print(`compared  ${done.compared.join(', ')}: each tab with its whole table`)
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

/** Runs the host's own `prisma migrate deploy`. Its words go to stderr: stdout is this command's. */
async function deployMigrations(): Promise<void> {
  const cli = findPrisma()
  const child = spawn(process.execPath, [cli, 'migrate', 'deploy'], { stdio: ['inherit', 2, 2] })
  const status = await new Promise<number | null>((done, reject) => {
    child.once('error', reject)
    child.once('close', done)
  })
  if (status === 0) return
  throw new WritebackError('MIGRATION_FAILED', {
    problem: 'prisma migrate deploy failed',
    got: `status ${status}`,
    remedy: 'Its own message is above',
  })
}

function findPrisma(): string {
  try {
    const require = createRequire(resolve('package.json'))
    return join(dirname(require.resolve('prisma/package.json')), 'build', 'index.js')
  } catch (error) {
    throw new WritebackError('MIGRATION_FAILED', {
      problem: 'the Prisma CLI is not installed',
      expected: 'package "prisma" among the dependencies of the application',
      got: messageOf(error).split('.')[0] ?? '',
      remedy: 'Install it, or migrate with your own tool and use --skip-prisma',
      cause: error,
    })
  }
}
