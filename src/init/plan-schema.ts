import { existsSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { below, type PlannedChange } from './change.ts'
import type { LibraryFiles } from './library-files.ts'
import type { Project } from './project.ts'
import { type SchemaBlock, schemasOf, withSchema } from './schema-blocks.ts'
import { type Style, styleOf } from './style.ts'
import { workspaceRoot } from './workspace.ts'

const FILE = 'writeback.prisma'
const PROGRAM = 'prisma-writeback'
/** A model that only the library's schema file has. */
const MARK = /^\s*model\s+SyncTarget\s*\{/m
const DEFAULT_SCHEMA = 'public'

/** What the schema will be, and where `prisma generate` will write. */
export interface SchemaPlan {
  readonly changes: readonly PlannedChange[]
  /** Text of every file of the schema after the changes, by absolute path. */
  readonly after: ReadonlyMap<string, string>
  /** The generator that makes the Prisma client; undefined where the schema has none. */
  readonly clientGenerator: SchemaBlock | undefined
  /** Absolute path of the folder that gets the library's data model. */
  readonly modelFolder: string
  readonly style: Style
  /** The Postgres schema of the library's tables. */
  readonly librarySchema: string
}

/**
 * Plans the library's tables and its generator: a file of their own where the schema is a folder, else at the end of
 * the schema file, because moving somebody's schema into a folder is theirs to decide.
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
  const style = styleOf(project, clientGenerator)
  const home = clientGenerator?.file ?? blocks[0]?.file ?? project.schemaPath
  const modelFolder = existing
    ? join(dirname(existing.file), existing.settings.output ?? './generated/writeback')
    : defaultModelFolder(project, home, clientGenerator, style)
  if (existing) keep(existing.file, 'unchanged', `has generator ${existing.name}`)
  else {
    const block = generatorBlock(project, relative(dirname(home), modelFolder), style)
    add(home, block, 'the generator of the data model')
  }

  const schemas = schemasOf(blocks.find(({ keyword }) => keyword === 'datasource'))
  const librarySchema = schemas.includes(DEFAULT_SCHEMA) ? DEFAULT_SCHEMA : (schemas[0] ?? DEFAULT_SCHEMA)
  const tables = schemas.length === 0 ? library.schema : withSchema(library.schema, librarySchema)
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
  return { changes, after, clientGenerator, modelFolder, style, librarySchema }
}

/** Beside the client's folder, so that both are found in one place. */
function defaultModelFolder(
  { root }: Project,
  home: string,
  client: SchemaBlock | undefined,
  style: Style,
): string {
  const output = client?.settings.output
  if (output !== undefined) return join(dirname(home), output, '..', 'writeback')
  return join(
    style.folder === 'src' ? join(root, 'src') : join(dirname(home), '..'),
    'generated',
    'writeback',
  )
}

function generatorBlock(project: Project, output: string, { language, modules }: Style): string {
  const settings: Record<string, string> = {
    provider: generatorCommand(project.root),
    output: output.replaceAll('\\', '/'),
    ...(language === 'javascript' && { generatedFileExtension: modules === 'esm' ? 'mjs' : 'cjs' }),
  }
  const width = Math.max(...Object.keys(settings).map((name) => name.length))
  const lines = Object.entries(settings).map(
    ([name, value]) => `  ${name.padEnd(width)} = ${JSON.stringify(value)}`,
  )
  return `// prisma-writeback: the data model that its configuration is written with.
generator writeback {
${lines.join('\n')}
}
`
}

/**
 * What Prisma starts as the generator, in the folder in which Prisma was started. In a workspace that may be the root, where
 * the program of a package's own dependency is not in the PATH; this finds it from both folders.
 */
function generatorCommand(root: string): string {
  const workspace = workspaceRoot(root)
  if (workspace === undefined || existsSync(join(workspace, 'node_modules', '.bin', PROGRAM))) return PROGRAM
  const paths = ['.', shown(workspace, root)].map((path) => `'${path}'`).join(',')
  return `node -e "require(require.resolve('${PROGRAM}/generator',{paths:[${paths}]}))"`
}

/** A path as people see it. */
export function shown(root: string, path: string): string {
  return relative(root, path).replaceAll('\\', '/')
}
