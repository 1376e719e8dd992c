import { spawn } from 'node:child_process'
import { findMigrations, findPrismaCli, readPrismaConfig } from '../src/config/prisma-project.ts'
import { WritebackError } from '../src/errors.ts'

/** Prisma's code for a database with tables that no migration has made. */
const NO_HISTORY = 'P3005'

/**
 * Runs the application's own `prisma migrate deploy`. Its words go to stderr: stdout is the command's.
 * @returns false where the project has no migrations to deploy, as with `prisma db push`
 * @throws WritebackError `MIGRATION_FAILED`
 */
export async function deployMigrations(root: string): Promise<boolean> {
  const cli = findPrismaCli(root, 'MIGRATION_FAILED', ', or migrate with your own tool and use --skip-prisma')
  // What is wrong with the configuration is Prisma's to say.
  const config = await readPrismaConfig(root, cli).catch(() => undefined)
  if (config !== undefined && findMigrations(root, config)?.inUse === false) {
    process.stderr.write('prisma    no migrations to deploy: the tables are left to "prisma db push"\n')
    return false
  }
  const { status, output } = await run(root, cli)
  if (status === 0) return true
  throw new WritebackError('MIGRATION_FAILED', {
    problem: 'prisma migrate deploy failed',
    got: output.includes(NO_HISTORY)
      ? `${NO_HISTORY}: a database that no migration has made`
      : `status ${status}`,
    remedy: output.includes(NO_HISTORY)
      ? 'Where the tables are kept with "prisma db push", run that, and then: writeback migrate --skip-prisma. Where migrations shall keep them from now on, baseline the database: https://pris.ly/d/migrate-baseline'
      : 'Its own message is above',
  })
}

async function run(cwd: string, cli: string): Promise<{ status: number | null; output: string }> {
  const child = spawn(process.execPath, [cli, 'migrate', 'deploy'], {
    cwd,
    stdio: ['inherit', 'pipe', 'pipe'],
    env: { ...process.env, ...(process.stderr.isTTY && { FORCE_COLOR: '1' }) },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      process.stderr.write(text)
    })
  }
  const status = await new Promise<number | null>((done, reject) => {
    child.once('error', reject)
    child.once('close', done)
  })
  return { status, output }
}
