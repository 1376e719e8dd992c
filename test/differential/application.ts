import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import type { PrismaClient as ReferenceClient } from '../../prisma/generated/client/client.ts'
import { writebackContext } from '../../src/capture/extension/context-comment.ts'
import type { DataModel } from '../../src/model/data-model.ts'
import { prismaCli } from '../../tools/migrate.ts'
import { CLIENT_FOLDER, copySchema, DATA_MODEL_FOLDER } from './schema-copy.ts'
import { tablesOf } from './schema-sql.ts'
import { makeTables } from './tables.ts'

/** A Prisma client of whatever schema: delegates are found by name. */
export type AnyPrismaClient = Pick<
  ReferenceClient,
  '$transaction' | '$executeRawUnsafe' | '$queryRawUnsafe' | '$disconnect'
> & {
  // biome-ignore lint/suspicious/noExplicitAny: the delegates of an unknown schema.
  readonly [delegate: string]: any
}

/** An application made from a Prisma schema: its tables, its client and what the library knows of it. */
export interface Application {
  readonly dataModel: DataModel
  readonly pool: pg.Pool
  /** What Prisma made of its schema. */
  readonly generated: GeneratedApplication
  /** What the schema asks for and this Postgres does not have. */
  readonly leftOut: readonly string[]
  /** A new client, with the library's comments. Close it, or leave that to `close`. */
  client(options?: { readonly connections?: number }): AnyPrismaClient
  close(): Promise<void>
}

/** SQL beside the files of a schema that is run once its tables are there: views, generated columns, triggers. */
const MORE_SQL = 'differential.sql'

/** What Prisma makes of a schema: a client and the SQL of its tables, and what the library knows of it. */
export interface GeneratedApplication {
  readonly dataModel: DataModel
  readonly PrismaClient: new (options: object) => AnyPrismaClient
  /** Makes its tables in an empty database. */
  readonly tables: string
  /** Removes the generated files. */
  remove(): Promise<void>
}

/**
 * Generates the client and the data model of an application.
 *
 * @param schema path of a `schema.prisma`, or of a folder of schema files
 * @param url any Postgres database; Prisma's CLI wants one
 * @throws {Error} when Prisma refuses the schema; with what it said
 */
export async function generateApplication(schema: string, url: string): Promise<GeneratedApplication> {
  // Inside the project, where the generated client finds the packages it imports.
  const root = fileURLToPath(new URL('../../.data/', import.meta.url))
  await mkdir(root, { recursive: true })
  const folder = await mkdtemp(join(root, 'application-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    const copy = await copySchema(schema, folder)
    await cli(url, ['generate', '--schema', copy])
    const load = (path: string) => import(pathToFileURL(join(folder, path)).href)
    const { PrismaClient } = await load(`${CLIENT_FOLDER}/client.ts`)
    const { dataModel } = await load(`${DATA_MODEL_FOLDER}/data-model.ts`)
    const more = await readFile(join(copy, MORE_SQL), 'utf8').catch(() => '')
    return { dataModel, PrismaClient, tables: `${await tablesOf(copy, url)}\n${more}`, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

/**
 * Makes an application in an empty database: generates its client and its data model, and makes its tables.
 *
 * @param schema path of a `schema.prisma`, or of a folder of schema files
 * @param url an empty Postgres database
 * @throws {Error} when Prisma refuses the schema; with what it said
 */
export async function openApplication(schema: string, url: string): Promise<Application> {
  const generated = await generateApplication(schema, url)
  try {
    const application = await makeApplication(generated, url)
    const close = async () => {
      await application.close()
      await generated.remove()
    }
    return { ...application, close }
  } catch (error) {
    await generated.remove()
    throw error
  }
}

/** An application in an empty database, in which its tables are made. Closing it leaves the generated files. */
export async function makeApplication(generated: GeneratedApplication, url: string): Promise<Application> {
  return connectApplication(generated, url, await makeTables(url, generated.tables))
}

/** An application in a database that has its tables. Closing it leaves the generated files. */
export function connectApplication(
  generated: GeneratedApplication,
  url: string,
  leftOut: readonly string[],
): Application {
  const { dataModel, PrismaClient } = generated
  const pool = new pg.Pool({ connectionString: url, max: 4 })
  // The server may go before the pool has closed its last connection.
  pool.on('error', () => {})
  const clients: AnyPrismaClient[] = []
  return {
    dataModel,
    pool,
    generated,
    leftOut,
    client({ connections = 3 } = {}) {
      const client = new PrismaClient({
        adapter: new PrismaPg({ connectionString: url, max: connections }),
        comments: [writebackContext()],
      })
      clients.push(client)
      return client
    },
    async close() {
      await Promise.all(clients.map((client) => client.$disconnect()))
      await pool.end()
    },
  }
}

/** Name of a model's delegate on the client. */
export function delegateName(model: string): string {
  return model.charAt(0).toLowerCase() + model.slice(1)
}

async function cli(url: string, args: readonly string[]): Promise<void> {
  const bin = fileURLToPath(new URL('../../node_modules/.bin', import.meta.url))
  const { status, output } = await prismaCli(args, { url, env: { PATH: `${bin}:${process.env.PATH}` } })
  if (status !== 0) throw new Error(`prisma ${args.join(' ')} failed:\n${output.trim()}`)
}
