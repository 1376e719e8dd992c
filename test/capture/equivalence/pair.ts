import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { pino } from 'pino'
import { writeback } from '../../../src/capture/extension/extension.ts'
import type { WritebackConfig } from '../../../src/config/define-config.ts'
import { installJobs } from '../../../src/operations/install.ts'
import { forClient } from '../../../src/targets/for-client.ts'
import {
  type AnyPrismaClient,
  type GeneratedApplication,
  generateApplication,
} from '../../differential/application.ts'
import { createEmptyDatabase, type TestDatabase } from '../../support/postgres.ts'

/*
 * One application twice, each in a database of its own: with a plain client, and with a client that captures. The same
 * calls on both have to answer the same, to fail in the same way and to leave the same rows.
 */

const SCHEMA = fileURLToPath(new URL('./schema.prisma', import.meta.url))

// biome-ignore lint/suspicious/noExplicitAny: clients of a schema that is generated when the test runs.
export type Client = any

/** A client and how it came to be: extensions besides ours, and options of the plain client. */
export interface Variant {
  readonly name: string
  readonly options?: object
  /** Preview features; all that the schema names where it is left out. */
  readonly features?: readonly string[]
  /** Extends the client before the library does, and after it. */
  readonly before?: (client: Client) => Client
  readonly after?: (client: Client) => Client
}

/** What a call did. */
export type Outcome = { readonly answer: unknown } | { readonly error: Record<string, unknown> }

/** The two applications. */
export class Pair {
  readonly #generated: GeneratedApplication
  readonly #databases: readonly [TestDatabase, TestDatabase]
  readonly #pools: readonly [pg.Pool, pg.Pool]
  readonly #config: WritebackConfig
  readonly #clients: AnyPrismaClient[] = []
  readonly #known = new Map<Variant, readonly [Client, Client]>()

  constructor(
    generated: GeneratedApplication,
    databases: readonly [TestDatabase, TestDatabase],
    config: WritebackConfig,
  ) {
    this.#generated = generated
    this.#databases = databases
    this.#config = config
    this.#pools = [this.#pool(0), this.#pool(1)]
  }

  /** The plain client and the one that captures. */
  clients(variant: Variant): readonly [Client, Client] {
    const known = this.#known.get(variant)
    if (known) return known
    const { before = same, after = same } = variant
    const plain = after(before(this.#plain(0, variant)))
    const log = pino({ level: 'silent' })
    const capturing = after(before(this.#plain(1, variant)).$extends(writeback(this.#config, { log })))
    const both = [plain, capturing] as const
    this.#known.set(variant, both)
    return both
  }

  /** What a call does with each of the two. */
  async outcomes(
    variant: Variant,
    form: string,
    call: (client: Client) => unknown,
  ): Promise<readonly [Outcome, Outcome]> {
    const [plain, capturing] = this.clients(variant)
    return [await outcome(form, () => call(plain)), await outcome(form, () => call(capturing))]
  }

  /** All rows of the application's tables in each of the two. */
  async rows(): Promise<readonly [unknown, unknown]> {
    const { models, joinTables } = this.#generated.dataModel
    const tables = [
      ...Object.values(models).filter((model) => !model.table.startsWith('sync_')),
      ...joinTables,
    ].map(({ table }) => table)
    const parts = tables.map((table) => `select '${table}' as table, t::text as row from "${table}" t`)
    const read = async (pool: pg.Pool) => {
      const { rows } = await pool.query<{ table: string; row: string }>(
        `${parts.join(' union all ')} order by 1, 2`,
      )
      const byTable = Map.groupBy(rows, ({ table }) => table)
      return Object.fromEntries([...byTable].map(([table, of]) => [table, of.map(({ row }) => row)]))
    }
    return Promise.all([read(this.#pools[0]), read(this.#pools[1])])
  }

  /** The keys of the jobs that were published since the last time. */
  async published(): Promise<string[]> {
    const { rows } = await this.#pools[1].query(
      `delete from pgboss.job where name = 'sync.write-back' returning split_part(singleton_key, '#', 1) as key`,
    )
    return [...new Set(rows.map(({ key }) => key as string))].sort()
  }

  /** The isolation levels at which authors were updated since the last time, by the client that captures. */
  async levelsOfWrites(): Promise<string[]> {
    const pool = this.#pools[1]
    await pool.query(`
      create table if not exists level (name text);
      create or replace function note_level() returns trigger language plpgsql as $$
        begin insert into level values (current_setting('transaction_isolation')); return null; end $$;
      create or replace trigger note_level after update on authors execute function note_level();`)
    const { rows } = await pool.query('delete from level returning name')
    return rows.map(({ name }) => name)
  }

  /** Empties the tables and starts the sequences again, then makes what `seed` makes. */
  async reset(seed: string): Promise<void> {
    const empty = 'truncate authors, "Book", "Profile", "Tag", "Seat" restart identity cascade'
    for (const pool of this.#pools) await pool.query(`${empty}; ${seed}`)
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.$disconnect()))
    await Promise.all(this.#pools.map((pool) => pool.end()))
    await Promise.all(this.#databases.map((database) => database.drop()))
    await this.#generated.remove()
  }

  #plain(which: 0 | 1, { options, features }: Variant): Client {
    const internal = {
      // As if the schema named these alone; what they change is decided by the client.
      configOverride: (config: { previewFeatures: readonly string[] }) => ({
        ...config,
        previewFeatures: features ?? ['strictUndefinedChecks', 'relationJoins'],
      }),
    }
    const client = new this.#generated.PrismaClient({
      adapter: new PrismaPg({ connectionString: this.#databases[which].url, max: 3 }),
      ...options,
      __internal: internal,
    })
    this.#clients.push(client)
    return client
  }

  #pool(which: 0 | 1): pg.Pool {
    const pool = new pg.Pool({ connectionString: this.#databases[which].url, max: 1 })
    pool.on('error', () => {})
    return pool
  }
}

const same = (client: Client): Client => client

/** Makes the two applications. */
export async function openPair(): Promise<Pair> {
  const databases = [await createEmptyDatabase(), await createEmptyDatabase()] as const
  const generated = await generateApplication(SCHEMA, databases[0].url)
  const { defineConfig, sheetTarget } = forClient<never>(generated.dataModel)
  const target = (name: string, model: string, column: string, include?: object) =>
    sheetTarget({
      name,
      spreadsheetId: 's',
      tab: name,
      model,
      columns: [column],
      ...(include && { include }),
    } as never)
  const config = defineConfig({
    targets: [
      target('authors', 'Author', 'name', { books: true }),
      target('books', 'Book', 'title', { author: true, tags: true }),
      target('profiles', 'Profile', 'text'),
      target('seats', 'Seat', 'taken'),
    ],
    capture: { mode: 'extension' },
  })
  for (const { url } of databases) {
    const client = new pg.Client(url)
    await client.connect()
    await client.query(generated.tables)
    await client.end()
  }
  await installJobs(databases[1].url, config)
  return new Pair(generated, databases, config)
}

async function outcome(form: string, call: () => unknown): Promise<Outcome> {
  try {
    return { answer: shown(await call()) }
  } catch (error) {
    const { name, code, message, meta } = error as Record<string, unknown>
    // In a batch Prisma may put another of its calls into the message than the one that is wrong.
    if (form === 'in a batch') return { error: { name, code } }
    return { error: { name, code, message: words(String(message)), meta: JSON.stringify(meta) } }
  }
}

/**
 * An answer as an application sees it: computed fields are there when they are read. No call asks for an order of
 * records, so that the database may choose another one each time.
 */
function shown(value: unknown): unknown {
  if (Array.isArray(value)) {
    const all = value.map(shown)
    const records = all.every((one) => typeof one === 'object' && one !== null)
    return records ? all.sort((one, other) => (inspect(one) < inspect(other) ? -1 : 1)) : all
  }
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shown(one)]))
}

/** A message without the place of the call, and without the lines of the source that Prisma quotes. */
function words(message: string): string {
  return message.replace(/^.*?invocation[^\n]*\n(.*?\n\n)?/s, '').trim()
}
