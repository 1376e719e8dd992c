import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What the package brings for a Prisma project. */
export interface LibraryFiles {
  /** Text of its schema file. */
  readonly schema: string
  /** Its migrations, in order. */
  readonly migrations: readonly { readonly name: string; readonly sql: string }[]
}

/** Folder of the reference schema's own migration, which stands beside the library's in a checkout. */
const NOT_OURS = /_travel_agency$/

/** Reads them from the package this module belongs to, packed or checked out. */
export function readLibraryFiles(): LibraryFiles {
  const prisma = join(packageRoot(), 'prisma')
  const migrations = readdirSync(join(prisma, 'migrations'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_OURS.test(entry.name))
    .map(({ name }) => ({
      name,
      sql: readFileSync(join(prisma, 'migrations', name, 'migration.sql'), 'utf8'),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  return { schema: readFileSync(join(prisma, 'schema', 'writeback.prisma'), 'utf8'), migrations }
}

/** The program that Prisma starts as the library's generator. */
export function generatorProgram(): string {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return fileURLToPath(new URL(`../generator/main.${extension}`, import.meta.url))
}

/** Sources stand one folder less deep than what is built from them. */
function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'package.json'))) folder = dirname(folder)
  return folder
}
