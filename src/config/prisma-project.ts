import { existsSync, readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type ErrorCode, messageOf, WritebackError } from '../errors.ts'

/** What is used of an application's prisma.config.ts. Paths are absolute. */
export interface PrismaConfig {
  readonly schema: string | undefined
  readonly migrations: string | undefined
  /** The database's address, as Prisma uses it. A secret. */
  readonly url: string | undefined
}

interface PrismaConfigModule {
  loadConfigFromFile(options: { configRoot: string }): Promise<{
    config?: { schema?: string; migrations?: { path?: string }; datasource?: { url?: string } }
    error?: { _tag: string; error?: Error }
  }>
}

/**
 * Entry of the Prisma CLI that an application has installed.
 * @param code of the error where it has none
 * @param remedy beside installing it
 */
export function findPrismaCli(root: string, code: ErrorCode = 'CONFIG_INVALID', remedy = ''): string {
  try {
    const require = createRequire(resolve(root, 'package.json'))
    return join(dirname(require.resolve('prisma/package.json')), 'build', 'index.js')
  } catch (error) {
    throw new WritebackError(code, {
      problem: 'the Prisma CLI is not installed',
      expected: 'package "prisma", 7.5 or newer, among the dependencies of the application',
      got: messageOf(error).split('.')[0] ?? '',
      remedy: `Install it with: npm install --save-dev prisma${remedy}`,
      cause: error,
    })
  }
}

/**
 * Reads prisma.config.ts with what the application's Prisma CLI reads it with, so that both find the same, and so that what
 * it reads into the environment (`import 'dotenv/config'`) is there afterwards.
 *
 * @param cli entry of that CLI
 * @throws WritebackError `CONFIG_INVALID` when it does not load
 */
export async function readPrismaConfig(root: string, cli: string): Promise<PrismaConfig> {
  // It would say so on standard output, which programs may read.
  process.env.DOTENV_CONFIG_QUIET ??= 'true'
  const path = createRequire(cli).resolve('@prisma/config')
  const { loadConfigFromFile }: PrismaConfigModule = await import(pathToFileURL(path).href)
  const { config, error } = await loadConfigFromFile({ configRoot: root })
  if (error) {
    throw new WritebackError('CONFIG_INVALID', {
      problem: "Prisma's configuration does not load",
      got: error.error ? messageOf(error.error) : error._tag,
      remedy: remedyFor(error.error),
    })
  }
  return { schema: config?.schema, migrations: config?.migrations?.path, url: config?.datasource?.url }
}

/** Of the ways in which it may fail one has a remedy of ours: a variable that is not set. */
function remedyFor(error: Error | undefined): string {
  const name = /Cannot resolve environment variable: (\w+)/.exec(error?.message ?? '')?.[1]
  return name === undefined
    ? 'Correct prisma.config.ts'
    : `Set it for this command alone: ${name}=... npx writeback ...; or let prisma.config.ts read .env: import 'dotenv/config'`
}

/** Where the schema of an application is: what its configuration says, or Prisma's defaults. */
export function findSchema(root: string, { schema }: PrismaConfig): string | undefined {
  return [
    schema,
    join(root, 'prisma', 'schema.prisma'),
    join(root, 'schema.prisma'),
    join(root, 'prisma', 'schema'),
  ].find((path) => path !== undefined && existsSync(path))
}

/** Where the migrations of an application are. */
export interface MigrationFolder {
  readonly path: string
  /** False where it has none: the application is new, or kept with `prisma db push`. */
  readonly inUse: boolean
}

/** The folder of an application's migrations; undefined where no schema is found, so that nothing is known. */
export function findMigrations(root: string, config: PrismaConfig): MigrationFolder | undefined {
  const schema = findSchema(root, config)
  if (schema === undefined) return undefined
  // Prisma's own default is beside the file that has the datasource.
  const folders = config.migrations
    ? [config.migrations]
    : [dirname(schema), schema, join(root, 'prisma')].map((folder) => join(folder, 'migrations'))
  const used = folders.find(hasMigrations)
  return { path: used ?? (folders[0] as string), inUse: used !== undefined }
}

function hasMigrations(folder: string): boolean {
  if (!existsSync(folder)) return false
  return readdirSync(folder).some((name) => existsSync(join(folder, name, 'migration.sql')))
}
