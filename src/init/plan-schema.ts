import { dirname, join, relative } from 'node:path'
import { WritebackError } from '../errors.ts'
import { below, type PlannedChange } from './change.ts'
import type { LibraryFiles } from './library-files.ts'
import type { Project } from './project.ts'
import { type SchemaBlock, schemasOf, withSchema } from './schema-blocks.ts'

const FILE = 'writeback.prisma'
/** A model that only the library's schema file has. */
const MARK = /^\s*model\s+SyncTarget\s*\{/m
const SCHEMA = 'public'

/** What the schema will be, and where `prisma generate` will write. */
export interface SchemaPlan {
  readonly changes: readonly PlannedChange[]
  /** Text of every file of the schema after the changes, by absolute path. */
  readonly after: ReadonlyMap<string, string>
  /** The generator that makes the Prisma client; undefined where the schema has none. */
  readonly clientGenerator: SchemaBlock | undefined
  /** Absolute path of the folder that gets the library's data model. */
  readonly modelFolder: string
}

/**
 * Plans the library's tables and its generator: a file of their own where the schema is a folder, else at the end of
 * the schema file, because moving somebody's schema into a folder is theirs to decide.
 *
 * @throws WritebackError `CONFIG_INVALID` when the datasource names Postgres schemas and `public` is none of them
 */
export function planSchema(project: Project, library: LibraryFiles): SchemaPlan {
  const { blocks, root } = project
  const after = new Map(project.schemaFiles)
  const notes = new Map<string, string[]>()
  const verbatim = new Set<string>()
  const changes: PlannedChange[] = []
  const add = (file: string, text: string, note: string) => {
    const before = after.get(file) ?? ''
    after.set(file, before + below(before, text))
    notes.set(file, [...(notes.get(file) ?? []), note])
  }
  const keep = (file: string, action: 'unchanged' | 'differs', note: string) => {
    const before = project.schemaFiles.get(file) ?? null
    changes.push({ path: shown(root, file), action, note, before, added: '' })
  }

  const clientGenerator = blocks.find(
    ({ keyword, settings }) =>
      keyword === 'generator' && /^prisma-client(-js)?$/.test(settings.provider ?? ''),
  )
  const existing = blocks.find(
    ({ keyword, settings }) =>
      keyword === 'generator' && /\bprisma-writeback\b/.test(settings.provider ?? ''),
  )
  const home = clientGenerator?.file ?? blocks[0]?.file ?? project.schemaPath
  const modelFolder = existing
    ? join(dirname(existing.file), existing.settings.output ?? './generated/writeback')
    : defaultModelFolder(home, clientGenerator)
  if (existing) keep(existing.file, 'unchanged', `has generator ${existing.name}`)
  else add(home, generatorBlock(relative(dirname(home), modelFolder)), 'the generator of the data model')

  const tables = librarySchema(project, library)
  const holder = [...project.schemaFiles].find(([, text]) => MARK.test(text))
  if (holder) {
    const same = holder[1].includes(tables.trim())
    keep(
      holder[0],
      same ? 'unchanged' : 'differs',
      same ? 'has the tables of the library' : 'its tables of the library are not those of this version',
    )
  } else {
    const file = project.schemaIsFolder ? join(project.schemaPath, FILE) : home
    add(file, tables, 'the tables of the library')
    if (tables === library.schema && !project.schemaFiles.has(file)) verbatim.add(file)
  }

  for (const [file, why] of notes) {
    const before = project.schemaFiles.get(file) ?? null
    changes.push({
      path: shown(root, file),
      action: before === null ? 'create' : 'append',
      note: why.join(', '),
      before,
      added: (after.get(file) ?? '').slice(before?.length ?? 0),
      verbatim: verbatim.has(file),
    })
  }
  return { changes, after, clientGenerator, modelFolder }
}

/** Beside the client's folder, so that both are found in one place. */
function defaultModelFolder(home: string, client: SchemaBlock | undefined): string {
  const output = client?.settings.output
  const beside = output === undefined ? '../generated' : join(output, '..')
  return join(dirname(home), beside, 'writeback')
}

function generatorBlock(output: string): string {
  return `// prisma-writeback: the data model that its configuration is typed with.
generator writeback {
  provider = "prisma-writeback"
  output   = ${JSON.stringify(output.replaceAll('\\', '/'))}
}
`
}

function librarySchema(project: Project, library: LibraryFiles): string {
  const schemas = schemasOf(project.blocks.find(({ keyword }) => keyword === 'datasource'))
  if (schemas.length === 0) return library.schema
  if (schemas.includes(SCHEMA)) return withSchema(library.schema, SCHEMA)
  throw new WritebackError('CONFIG_INVALID', {
    problem: 'the datasource names Postgres schemas, and the library keeps its tables in another',
    expected: `"${SCHEMA}" among them`,
    got: schemas.join(', '),
    remedy: `Add "${SCHEMA}" to "schemas" of the datasource`,
  })
}

/** A path as people see it. */
export function shown(root: string, path: string): string {
  return relative(root, path).replaceAll('\\', '/')
}
