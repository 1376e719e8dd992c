import { spawn } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

/** How a run of the Prisma CLI ended. */
export interface CliResult {
  /** The exit status; null when a signal ended it. */
  readonly status: number | null
  /** What it wrote, stdout before stderr. */
  readonly output: string
}

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/**
 * Runs the Prisma CLI of this project, with this Node.
 *
 * @param args as on the command line: `['migrate', 'status']`
 * @param options `url`: the database, as DATABASE_URL; `env`: further variables
 */
export async function prismaCli(
  args: readonly string[],
  options: { readonly url?: string; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<CliResult> {
  const cli = join(
    dirname(createRequire(import.meta.url).resolve('prisma/package.json')),
    'build',
    'index.js',
  )
  const env = {
    ...process.env,
    // Neither a look for newer versions nor advice: this runs in start-up paths and tests.
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
    NO_COLOR: '1',
    ...(options.url ? { DATABASE_URL: options.url } : {}),
    ...options.env,
  }
  const child = spawn(process.execPath, [cli, ...args], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)])
  return { status, output: `${stdout}${stderr}` }
}

/**
 * Brings a database to the state of prisma/migrations with `prisma migrate deploy`; makes the database if it is not
 * there.
 *
 * @param url the database
 * @throws {Error} when a migration fails or the database cannot be reached; with what Prisma said
 */
export async function applyMigrations(url: string): Promise<void> {
  const { status, output } = await prismaCli(['migrate', 'deploy'], { url })
  if (status === 0) return
  const { host, pathname } = new URL(url)
  throw new Error(`prisma migrate deploy failed (status ${status}) on ${host}${pathname}:\n${output.trim()}`)
}
