import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Binaries, findBinaries } from './postgres/binaries.ts'
import {
  type ClusterPaths,
  clusterPaths,
  ensureCluster,
  postgresEnvironment,
  takeCluster,
} from './postgres/cluster.ts'
import { watchOver } from './postgres/watchdog.ts'

/** How long Postgres may take until it answers, recovery after a crash included, in milliseconds. */
const READY_MS = 60_000

/** How often a port is looked for, when another program takes the one that was free a moment ago. */
const PORT_TRIES = 5

/** Settings of {@link startEmbeddedPostgres}. */
export interface EmbeddedPostgresOptions {
  /** The folder of the cluster, made if it is not there. @defaultValue a new one in the temporary folder */
  readonly dataDir?: string
  /** @defaultValue a free one */
  readonly port?: number
  /** Whether the folder stays when Postgres stops. @defaultValue true if `dataDir` is given */
  readonly persistent?: boolean
  /** @defaultValue 100 */
  readonly maxConnections?: number
  /** Off is faster, and loses data when the machine (not just Postgres) crashes. @defaultValue true */
  readonly fsync?: boolean
  /** Further settings, as in postgresql.conf. */
  readonly settings?: Readonly<Record<string, string | number>>
}

/** How Postgres is stopped: `fast` as a service is, `immediate` as if it had crashed (it recovers at its next start). */
export type StopMode = 'fast' | 'immediate'

/** A running Postgres of one's own. It ends with this process, however that ends. */
export interface EmbeddedPostgres {
  /** The url of database `postgres`, as superuser. */
  readonly url: string
  readonly port: number
  readonly dataDir: string
  /** What Postgres has to say. */
  readonly logFile: string
  /** Makes a database if it is not there, and returns its url. */
  createDatabase(name: string): Promise<string>
  /** Stops and starts it on the same port. @defaultValue `fast` */
  restart(mode?: StopMode): Promise<void>
  /** Stops it, and removes its folder unless that is persistent. A second call does nothing. */
  stop(): Promise<void>
}

/**
 * Starts a real PostgreSQL for development and tests, listening on 127.0.0.1 only. Works as root too.
 *
 * @throws {Error} when there is no Postgres for this platform, the folder is in use or cannot be entered, or it does
 *   not start; with the end of its log
 */
export async function startEmbeddedPostgres(
  options: EmbeddedPostgresOptions = {},
): Promise<EmbeddedPostgres> {
  const binaries = await findBinaries()
  const folder = resolve(options.dataDir ?? mkdtempSync(join(tmpdir(), 'writeback-postgres-')))
  const persistent = options.persistent ?? options.dataDir !== undefined
  const paths = clusterPaths(folder)
  const endWatch = watchOver(folder, !persistent)
  try {
    const password = await ensureCluster(paths, binaries)
    await takeCluster(paths)
    const server = new Server(binaries, paths, options, password)
    await server.start()
    return publicFace(server, paths, async () => {
      await server.stop('fast')
      endWatch()
      if (!persistent) rmSync(folder, { recursive: true, force: true })
    })
  } catch (error) {
    endWatch()
    if (!persistent) rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

function publicFace(server: Server, paths: ClusterPaths, stop: () => Promise<void>): EmbeddedPostgres {
  let stopped: Promise<void> | undefined
  return {
    url: server.url('postgres'),
    port: server.port,
    dataDir: paths.folder,
    logFile: paths.log,
    createDatabase: (name) => server.createDatabase(name),
    restart: async (mode = 'fast') => {
      await server.stop(mode)
      await server.start()
    },
    stop: () => {
      stopped ??= stop()
      return stopped
    },
  }
}

/** A port of 127.0.0.1 that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

class Server {
  readonly #binaries: Binaries
  readonly #paths: ClusterPaths
  readonly #options: EmbeddedPostgresOptions
  readonly #password: string
  #port: number | undefined
  #child: ChildProcess | undefined

  constructor(binaries: Binaries, paths: ClusterPaths, options: EmbeddedPostgresOptions, password: string) {
    this.#binaries = binaries
    this.#paths = paths
    this.#options = options
    this.#password = password
    this.#port = options.port
  }

  get port(): number {
    if (this.#port === undefined) throw new Error('Postgres has not been started.')
    return this.#port
  }

  url(database: string): string {
    return `postgresql://postgres:${this.#password}@127.0.0.1:${this.port}/${encodeURIComponent(database)}`
  }

  async start(): Promise<void> {
    const portGiven = this.#port !== undefined
    for (let attempt = 1; ; attempt++) {
      this.#port ??= await freePort()
      const child = this.#spawn(this.#port)
      if (await this.#ready(child)) {
        this.#child = child
        child.unref()
        return
      }
      const log = readFileSync(this.#paths.log, 'utf8')
      const portTaken = log.includes('could not bind')
      if (portGiven || !portTaken || attempt === PORT_TRIES)
        throw new Error(
          `Postgres did not start on port ${this.#port}. Its log ends with:\n${log.slice(-2_000)}`,
        )
      this.#port = undefined
    }
  }

  async stop(mode: StopMode): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.ref()
    const exited = once(child, 'exit')
    child.kill(mode === 'fast' ? 'SIGINT' : 'SIGQUIT')
    await exited
  }

  async createDatabase(name: string): Promise<string> {
    const client = new pg.Client(this.url('postgres'))
    await client.connect()
    try {
      const { rowCount } = await client.query('select 1 from pg_database where datname = $1', [name])
      if (rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`)
    } finally {
      await client.end()
    }
    return this.url(name)
  }

  #spawn(port: number): ChildProcess {
    const fsync = (this.#options.fsync ?? true) ? 'on' : 'off'
    const settings = {
      listen_addresses: '127.0.0.1',
      port,
      unix_socket_directories: '',
      max_connections: this.#options.maxConnections ?? 100,
      fsync,
      full_page_writes: fsync,
      timezone: 'UTC',
      log_checkpoints: 'off',
      // Statements carry the data of records, which does not belong in a log.
      log_min_error_statement: 'panic',
      ...this.#options.settings,
    }
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const log = openSync(this.#paths.log, 'w')
    try {
      return spawn(this.#binaries.postgres, ['-D', this.#paths.data, ...flags], {
        ...this.#binaries.runAs,
        cwd: this.#paths.folder,
        env: postgresEnvironment(),
        // A session of its own: Ctrl-C in a terminal must not stop it under a process that still uses it.
        detached: true,
        stdio: ['ignore', log, log],
      })
    } finally {
      closeSync(log)
    }
  }

  /** Waits until Postgres answers; false when it ends instead. */
  async #ready(child: ChildProcess): Promise<boolean> {
    const deadline = Date.now() + READY_MS
    while (child.exitCode === null && child.signalCode === null) {
      if (await this.#answers()) return true
      if (Date.now() > deadline) {
        child.kill('SIGQUIT')
        await once(child, 'exit')
        break
      }
      await sleep(25)
    }
    return false
  }

  async #answers(): Promise<boolean> {
    const client = new pg.Client({ connectionString: this.url('postgres'), connectionTimeoutMillis: 5_000 })
    try {
      await client.connect()
      return true
    } catch {
      return false
    } finally {
      await client.end().catch(() => {})
    }
  }
}
