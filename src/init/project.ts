import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf, WritebackError } from '../errors.ts'
import { readBlocks, type SchemaBlock } from './schema-blocks.ts'

/** A Prisma project, as it is before anything is changed. Paths are absolute. */
export interface Project {
  readonly root: string
  /** The schema file, or the folder of several. */
  readonly schemaPath: string
  readonly schemaIsFolder: boolean
  /** Text of the schema's files by path. */
  readonly schemaFiles: ReadonlyMap<string, string>
  readonly migrations: string
  readonly blocks: readonly SchemaBlock[]
  /** Entry of the project's own Prisma CLI. */
  readonly prismaCli: string
  /** Names of the packages it depends on, development ones included. */
  readonly packages: ReadonlySet<string>
  /** The Postgres schema that `?schema=` of the database's address names, other than `public`. */
  readonly databaseSchema: string | undefined
}

/**
 * Looks at the Prisma project in a folder.
 * @param root the folder with its package.json
 * @throws WritebackError `CONFIG_INVALID` where there is no Prisma project, or none that can be read
 */
export async function findProject(root: string): Promise<Project> {
  const packages = readPackages(root)
  const prismaCli = findPrismaCli(root)
  const config = await readPrismaConfig(root, prismaCli)
  const schemaPath = [
    config.schema,
    join(root, 'prisma', 'schema.prisma'),
    join(root, 'schema.prisma'),
    join(root, 'prisma', 'schema'),
  ].find((path) => path !== undefined && existsSync(path))
  if (schemaPath === undefined) {
    throw new WritebackError('CONFIG_INVALID', {
      problem: 'no Prisma schema',
      expected: config.schema ?? 'prisma/schema.prisma, or the path in prisma.config.ts',
      remedy: 'Run this in the folder of your package.json; "npx prisma init" makes a new project',
    })
  }
  const schemaIsFolder = statSync(schemaPath).isDirectory()
  const schemaFiles = readSchema(schemaPath, schemaIsFolder)
  const blocks = readBlocks(schemaFiles)
  const datasource = blocks.find(({ keyword }) => keyword === 'datasource')
  if (datasource?.settings.provider !== 'postgresql' && datasource?.settings.provider !== 'postgres') {
    throw new WritebackError('CONFIG_INVALID', {
      problem: 'prisma-writeback works with Postgres alone',
      expected: 'a datasource with provider = "postgresql"',
      got: datasource?.settings.provider ?? 'no datasource',
    })
  }
  return {
    root,
    schemaPath,
    schemaIsFolder,
    schemaFiles,
    // Prisma's own default: beside the file that has the datasource.
    migrations: config.migrations ?? join(dirname(datasource.file), 'migrations'),
    blocks,
    prismaCli,
    packages,
    databaseSchema: schemaOf(config.url ?? process.env.DATABASE_URL),
  }
}

/** Prisma's own parameter of a database's address; Postgres and pg know nothing of it. */
function schemaOf(url: string | undefined): string | undefined {
  const schema = url === undefined ? undefined : URL.parse(url)?.searchParams.get('schema')
  return !schema || schema === 'public' ? undefined : schema
}

/**
 * Entry of the Prisma CLI that a project has installed.
 * @throws WritebackError `CONFIG_INVALID` where it has none
 */
function findPrismaCli(root: string): string {
  try {
    const require = createRequire(resolve(root, 'package.json'))
    return join(dirname(require.resolve('prisma/package.json')), 'build', 'index.js')
  } catch (error) {
    throw new WritebackError('CONFIG_INVALID', {
      problem: 'the Prisma CLI is not installed',
      expected: 'package "prisma", 7.5 or newer, among the dependencies of the application',
      got: messageOf(error).split('.')[0] ?? '',
      remedy: 'Install it with: npm install --save-dev prisma',
      cause: error,
    })
  }
}

interface PrismaConfigModule {
  loadConfigFromFile(options: { configRoot: string }): Promise<{
    config?: { schema?: string; migrations?: { path?: string }; datasource?: { url?: string } }
    error?: { _tag: string; error?: Error }
  }>
}

/** Reads prisma.config.ts with what the project's Prisma CLI reads it with, so that both find the same. */
async function readPrismaConfig(
  root: string,
  cli: string,
): Promise<{ schema: string | undefined; migrations: string | undefined; url: string | undefined }> {
  const path = createRequire(cli).resolve('@prisma/config')
  const { loadConfigFromFile }: PrismaConfigModule = await import(pathToFileURL(path).href)
  const { config, error } = await loadConfigFromFile({ configRoot: root })
  if (error) {
    throw new WritebackError('CONFIG_INVALID', {
      problem: "Prisma's configuration does not load",
      got: error.error ? messageOf(error.error) : error._tag,
      remedy:
        'A variable that it needs can be set for this command alone: DATABASE_URL=... npx writeback init',
    })
  }
  return { schema: config?.schema, migrations: config?.migrations?.path, url: config?.datasource?.url }
}

function readSchema(path: string, isFolder: boolean): Map<string, string> {
  const files = isFolder
    ? readdirSync(path, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.prisma'))
        .map((name) => join(path, name))
    : [path]
  return new Map(files.sort().map((file) => [file, readFileSync(file, 'utf8')]))
}

function readPackages(root: string): Set<string> {
  const path = join(root, 'package.json')
  if (!existsSync(path)) {
    throw new WritebackError('CONFIG_INVALID', {
      problem: 'no package.json here',
      got: root,
      remedy: 'Run this in the folder of your package.json',
    })
  }
  const { dependencies, devDependencies } = JSON.parse(readFileSync(path, 'utf8'))
  return new Set(Object.keys({ ...dependencies, ...devDependencies }))
}
