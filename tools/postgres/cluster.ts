import { execFile, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type Binaries, canEnter } from './binaries.ts'

const run = promisify(execFile)

/** How long a Postgres left over by a killed process may take to stop, in milliseconds. */
const LEFTOVER_STOP_MS = 15_000

/** Where a cluster keeps what. */
export interface ClusterPaths {
  readonly folder: string
  /** PGDATA */
  readonly data: string
  /** The superuser's password, made when the cluster is. */
  readonly password: string
  /** The process id of who uses the cluster. */
  readonly owner: string
  readonly log: string
}

/** The paths inside a cluster's folder. */
export function clusterPaths(folder: string): ClusterPaths {
  return {
    folder,
    data: join(folder, 'data'),
    password: join(folder, 'password'),
    owner: join(folder, 'owner.pid'),
    log: join(folder, 'postgres.log'),
  }
}

/** The environment for Postgres's programs: nothing of libpq's, and messages in English. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('PG') && !name.startsWith('LC_'),
  )
  return { ...Object.fromEntries(kept), LC_ALL: 'C' }
}

/**
 * Makes the cluster if it is not there yet.
 *
 * @returns the superuser's password
 * @throws {Error} when Postgres's user cannot enter the folder, or initdb fails
 */
export async function ensureCluster(paths: ClusterPaths, { initdb, runAs }: Binaries): Promise<string> {
  mkdirSync(paths.folder, { recursive: true })
  if (runAs) chownSync(paths.folder, runAs.uid, runAs.gid)
  chmodSync(paths.folder, 0o700)
  if (!canEnter(paths.folder, runAs))
    throw new Error(
      `Expected a folder that user ${runAs?.uid} may enter (Postgres does not run as root), got ${paths.folder}. ` +
        'Use a folder below /tmp, or start as another user.',
    )
  if (existsSync(paths.data)) return readFileSync(paths.password, 'utf8')

  const password = randomBytes(16).toString('hex')
  writeFileSync(paths.password, password, { mode: 0o600 })
  if (runAs) chownSync(paths.password, runAs.uid, runAs.gid)
  // Made under another name first, so that an interrupted initdb is never taken for a cluster.
  const unfinished = `${paths.data}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  const flags = [
    `--pgdata=${unfinished}`,
    '--username=postgres',
    `--pwfile=${paths.password}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--locale=C',
    '--no-instructions',
    '--no-sync',
  ]
  await run(initdb, flags, { ...runAs, cwd: paths.folder, env: postgresEnvironment() })
  renameSync(unfinished, paths.data)
  return password
}

/**
 * Takes the cluster for this process. A Postgres that a killed process left running in it is stopped, and the lock
 * file of one that died is removed when its process id belongs to somebody else by now.
 *
 * @throws {Error} when another living process uses the cluster
 */
export async function takeCluster(paths: ClusterPaths): Promise<void> {
  const lock = join(paths.data, 'postmaster.pid')
  const owner = readPid(paths.owner)
  const pid = readPid(lock)
  if (pid !== undefined && isAlive(pid)) {
    if (!servesFolder(pid, paths.data)) rmSync(lock)
    else if (owner !== undefined && owner !== process.pid && isAlive(owner))
      throw new Error(
        `Expected ${paths.folder} to be free, but process ${owner} uses it. Stop that one, or use another folder.`,
      )
    else await stopLeftover(pid)
  }
  writeFileSync(paths.owner, `${process.pid}\n`)
}

function readPid(file: string): number | undefined {
  if (!existsSync(file)) return undefined
  const pid = Number.parseInt(readFileSync(file, 'utf8'), 10)
  return pid > 0 ? pid : undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Process ids come back, so the command line has to say that this is the cluster's Postgres. */
function servesFolder(pid: number, data: string): boolean {
  const file = `/proc/${pid}/cmdline`
  if (existsSync(file)) return readFileSync(file, 'utf8').includes(data)
  const { stdout } = spawnSync('ps', ['-ww', '-o', 'args=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.includes(data)
}

async function stopLeftover(pid: number): Promise<void> {
  process.kill(pid, 'SIGINT')
  const deadline = Date.now() + LEFTOVER_STOP_MS
  while (isAlive(pid)) {
    if (Date.now() > deadline)
      throw new Error(`Postgres ${pid}, left over from another run, does not stop. Stop it by hand.`)
    await sleep(50)
  }
}
