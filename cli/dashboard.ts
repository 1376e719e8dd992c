import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Command } from 'commander'
import { readEnvironment } from '../src/config/environment.ts'
import { loadConfig } from '../src/config/load-config.ts'
import { WritebackError } from '../src/errors.ts'

/** `writeback dashboard`: pg-boss's web page in this process, behind its basic authentication. */
export function dashboardCommand(): Command {
  return new Command('dashboard')
    .description(
      "serve pg-boss's dashboard on PORT; needs PGBOSS_DASHBOARD_AUTH_PASSWORD and @pg-boss/dashboard",
    )
    .action(async (_options: object, self: Command) => {
      const { databaseUrl } = readEnvironment()
      if (!process.env.PGBOSS_DASHBOARD_AUTH_PASSWORD) {
        throw new WritebackError('ENV_INVALID', {
          problem: 'the dashboard is off',
          expected:
            'a password in PGBOSS_DASHBOARD_AUTH_PASSWORD: it shows ids of records and can delete jobs',
          got: 'none',
        })
      }
      const { schemas } = await loadConfig(self.optsWithGlobals().config)
      process.env.PGBOSS_DASHBOARD_AUTH_USERNAME ||= 'admin'
      process.env.DATABASE_URL = databaseUrl
      process.env.PGBOSS_SCHEMA = schemas.queue
      process.env.NODE_ENV ||= 'production'
      await import(pathToFileURL(findDashboard()).href)
    })
}

function findDashboard(): string {
  try {
    const require = createRequire(resolve('package.json'))
    return join(dirname(require.resolve('@pg-boss/dashboard/package.json')), 'bin', 'cli.js')
  } catch (error) {
    throw new WritebackError('CONFIG_INVALID', {
      problem: 'the dashboard is not installed',
      expected: 'package "@pg-boss/dashboard" among the dependencies of the application',
      got: 'none',
      remedy: 'Run npm install @pg-boss/dashboard',
      cause: error,
    })
  }
}
