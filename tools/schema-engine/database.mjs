import { randomUUID } from 'node:crypto'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { complete, writeNothing } from './adapter.mjs'

/**
 * @typedef {{ host: string, port: number, user: string, password?: string, database: string, ssl?: unknown,
 *   max: number, options?: string, connectionTimeoutMillis: number }} PoolConfig
 */

/** How long to wait for a connection, in milliseconds: the native engine's default. */
const CONNECT_TIMEOUT_MS = 5_000

/**
 * A connection url as pool settings. The pool has one connection, as the native engine has: migrations take an
 * advisory lock and may change settings of their session.
 *
 * @param {string} url `postgresql://user:password@host:port/database?schema=name`
 * @returns {{ config: PoolConfig, schema: string | undefined }}
 */
export function parseUrl(url) {
  const { host, port, user, password, database, ssl } = new pg.Client({ connectionString: url })
  const schema = new URL(url).searchParams.get('schema') ?? undefined
  const seconds = Number(new URL(url).searchParams.get('connect_timeout') ?? Number.NaN)
  const config = {
    host,
    port,
    user,
    password: password ?? undefined,
    database,
    ssl,
    max: 1,
    connectionTimeoutMillis: Number.isFinite(seconds) ? seconds * 1_000 : CONNECT_TIMEOUT_MS,
    ...(schema ? { options: `-c search_path="${schema.replaceAll('"', '""')}"` } : {}),
  }
  return { config, schema }
}

/**
 * The Postgres driver adapter with what the schema engine needs and the adapter does not do (adapter.mjs), and with
 * shadow databases that are always dropped.
 */
export class MigrationAdapterFactory extends PrismaPg {
  #config
  #schema
  #shadowUrl
  #readOnly
  #opened = []

  /** The script that failed last, with Postgres's error. */
  failedScript

  /**
   * @param {string} url the database
   * @param {{ shadowUrl?: string, readOnly?: boolean }} [options] `shadowUrl`: an existing database to use as shadow,
   *   without it one is created and dropped; `readOnly`: scripts and statements that write do nothing
   */
  constructor(url, { shadowUrl, readOnly = false } = {}) {
    const { config, schema } = parseUrl(url)
    super(config, { schema })
    this.#config = config
    this.#schema = schema
    this.#shadowUrl = shadowUrl
    this.#readOnly = readOnly
  }

  async connect() {
    const adapter = this.#keep(await super.connect())
    return this.#readOnly ? writeNothing(adapter) : adapter
  }

  /** Closes what is still open: the engine does not close all that it opened. */
  async close() {
    for (const adapter of this.#opened.splice(0)) await adapter.dispose()
  }

  #keep(adapter, shadow = false) {
    const disconnect = adapter.dispose.bind(adapter)
    let disconnected
    adapter.dispose = () => (disconnected ??= disconnect())
    this.#opened.push(adapter)
    return complete(adapter, (script, cause) => {
      this.failedScript = { script, cause, shadow }
    })
  }

  async connectToShadowDb() {
    if (this.#shadowUrl) {
      const { config, schema } = parseUrl(this.#shadowUrl)
      return this.#keep(await new PrismaPg(config, { schema }).connect(), true)
    }
    const name = `prisma_migrate_shadow_db_${randomUUID()}`
    await runStatement(this.#config, `create database "${name}"`)
    const shadow = await new PrismaPg({ ...this.#config, database: name }, { schema: this.#schema }).connect()
    const disconnect = shadow.dispose.bind(shadow)
    shadow.dispose = async () => {
      await disconnect()
      await runStatement(this.#config, `drop database "${name}" with (force)`)
    }
    return this.#keep(shadow, true)
  }
}

/**
 * Runs one statement on a connection of its own.
 *
 * @param {Partial<PoolConfig>} config
 * @param {string} sql
 */
export async function runStatement(config, sql) {
  const client = new pg.Client(config)
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}
