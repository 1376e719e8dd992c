import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { findMigrations, findPrismaCli, findSchema, readPrismaConfig } from '../config/prisma-project.ts'
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
  /** Whether its `.js` files are ES modules. */
  readonly isModule: boolean
  /** False where it has no migrations: it is new, or kept with `prisma db push`. */
  readonly usesMigrations: boolean
}

/**
 * Looks at the Prisma project in a folder.
 * @param root the folder with its package.json
 * @throws WritebackError `CONFIG_INVALID` where there is no Prisma project, or none that can be read
 */
export async function findProject(root: string): Promise<Project> {
  const { packages, isModule } = readPackage(root)
  const prismaCli = findPrismaCli(root)
  const config = await readPrismaConfig(root, prismaCli)
  const schemaPath = findSchema(root, config)
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
  const migrations = findMigrations(root, config)
  return {
    root,
    schemaPath,
    schemaIsFolder,
    schemaFiles,
    migrations: migrations?.path ?? join(dirname(datasource.file), 'migrations'),
    usesMigrations: migrations?.inUse === true,
    isModule,
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

function readSchema(path: string, isFolder: boolean): Map<string, string> {
  const files = isFolder
    ? readdirSync(path, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.prisma'))
        .map((name) => join(path, name))
    : [path]
  return new Map(files.sort().map((file) => [file, readFileSync(file, 'utf8')]))
}

function readPackage(root: string): { packages: Set<string>; isModule: boolean } {
  const path = join(root, 'package.json')
  if (!existsSync(path)) {
    throw new WritebackError('CONFIG_INVALID', {
      problem: 'no package.json here',
      got: root,
      remedy: 'Run this in the folder of your package.json',
    })
  }
  try {
    const { dependencies, devDependencies, type } = JSON.parse(readFileSync(path, 'utf8'))
    return {
      packages: new Set(Object.keys({ ...dependencies, ...devDependencies })),
      isModule: type === 'module',
    }
  } catch (error) {
    throw new WritebackError('CONFIG_INVALID', {
      problem: `${path} is not JSON that parses`,
      got: messageOf(error),
      remedy: 'Correct it',
    })
  }
}
