import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { Command } from 'commander'
import { installJobs } from '../../jobs/index.ts'
import { readEnvironment } from '../config/environment.ts'
import { loadConfig } from '../config/load-config.ts'
import { WritebackError } from '../errors.ts'

/** `writeback migrate`: the release step. */
export function migrateCommand(): Command {
  return new Command('migrate')
    .description('release step: Prisma migrations, pg-boss schema, queues, schedules; safe while workers run')
    .option('--skip-prisma', 'leave the Prisma migrations to somebody else')
    .action(async (_options: object, command: Command) => {
      const { config: path, skipPrisma } = command.optsWithGlobals()
      // The release step talks to nobody but the database.
      const environment = readEnvironment({
        ...process.env,
        SHEETS_API_URL: process.env.SHEETS_API_URL || 'http://unused/',
      })
      const config = await loadConfig(path)
      if (!skipPrisma) await deployMigrations()
      const { queueSchemaVersion, created, updated, newTargets } = await installJobs(
        environment.databaseUrl,
        config,
      )
      process.stdout.write(
        [
          `pg-boss   schema ${config.schemas.queue}, version ${queueSchemaVersion}`,
          `queues    ${created.length} made, ${updated.length} brought up to date`,
          `targets   ${config.targets.length}, of which new or moved: ${newTargets.join(', ') || 'none'}`,
          '',
        ].join('\n'),
      )
    })
}

/** Runs the host's own `prisma migrate deploy`. */
async function deployMigrations(): Promise<void> {
  const require = createRequire(resolve('package.json'))
  const cli = join(dirname(require.resolve('prisma/package.json')), 'build', 'index.js')
  const child = spawn(process.execPath, [cli, 'migrate', 'deploy'], { stdio: 'inherit' })
  const status = await new Promise<number | null>((done) => child.once('close', done))
  if (status === 0) return
  throw new WritebackError('MIGRATION_FAILED', {
    problem: 'prisma migrate deploy failed',
    got: `status ${status}`,
    remedy: 'Its own message is above',
  })
}
