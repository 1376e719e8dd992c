import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { WritebackError } from '../errors.ts'
import type { DataModel } from '../model/data-model.ts'
import type { PlannedChange } from './change.ts'
import { type SchemaPlan, shown } from './plan-schema.ts'
import type { Project } from './project.ts'
import { mirrorable, renderConfig } from './render-config.ts'
import { schemasOf } from './schema-blocks.ts'

const NAMES = ['writeback.config.ts', 'writeback.config.mts', 'writeback.config.js', 'writeback.config.mjs']

/** What somebody may choose of the config file. */
export interface ConfigChoice {
  /** Models that get a target; the first one of the schema unless given. */
  readonly models: readonly string[]
  readonly spreadsheetId: string
}

/** The config file, and how the application imports the generated client. */
export interface ConfigPlan {
  readonly change: PlannedChange
  readonly clientImport: string
  /** False where the imports of the generated client have no `.ts`, so that Node cannot run it as it is. */
  readonly runsAsItIs: boolean
}

/**
 * Plans writeback.config.ts. One that is there is the application's own.
 * @throws WritebackError `CONFIG_INVALID` for a model that is not there or has no key that a cell can hold
 */
export function planConfig(
  project: Project,
  schema: SchemaPlan,
  dataModel: DataModel,
  choice: ConfigChoice,
): ConfigPlan {
  const extension = importExtension(schema)
  const output = schema.clientGenerator?.settings.output
  const clientImport =
    output === undefined || schema.clientGenerator === undefined
      ? '@prisma/client'
      : specifier(
          project,
          join(dirname(schema.clientGenerator.file), output, clientModule(schema)),
          extension,
        )
  const runsAsItIs = clientImport === '@prisma/client' || extension === '.ts'
  const existing = NAMES.find((name) => existsSync(join(project.root, name)))
  if (existing !== undefined) {
    const before = readFileSync(join(project.root, existing), 'utf8')
    return {
      change: { path: existing, action: 'unchanged', note: 'is yours', before, added: '' },
      clientImport,
      runsAsItIs,
    }
  }
  const added = renderConfig({
    clientImport,
    modelImport: specifier(project, join(schema.modelFolder, 'data-model'), extension),
    dataModel,
    models: chosen(dataModel, choice.models),
    spreadsheetId: choice.spreadsheetId,
    databaseSchema: databaseSchemaOf(project),
  })
  return {
    change: {
      path: NAMES[0] as string,
      action: 'create',
      note: 'what is mirrored, and where',
      before: null,
      added,
    },
    clientImport,
    runsAsItIs,
  }
}

function chosen(dataModel: DataModel, wanted: readonly string[]): string[] {
  const names = mirrorable(dataModel).map(({ name }) => name)
  const unknown = wanted.find((name) => !names.includes(name))
  if (unknown !== undefined || names.length === 0) {
    throw new WritebackError('CONFIG_INVALID', {
      problem: unknown === undefined ? 'no model can be mirrored' : 'no such model can be mirrored',
      expected:
        names.length === 0
          ? 'a model with an @id, or a @unique over required fields, of text, number, UUID or date'
          : `one of ${names.join(', ')}`,
      ...(unknown !== undefined && { got: unknown }),
    })
  }
  return wanted.length > 0 ? [...wanted] : names.slice(0, 1)
}

/** A datasource that names its schemas has `@@schema` on every model, and the library's tables in `public`. */
export function databaseSchemaOf({ blocks, databaseSchema }: Project): string | undefined {
  const datasource = blocks.find(({ keyword }) => keyword === 'datasource')
  return schemasOf(datasource).length > 0 ? undefined : databaseSchema
}

/** The generator prisma-client writes client.ts, prisma-client-js an index. */
function clientModule(schema: SchemaPlan): string {
  return schema.clientGenerator?.settings.provider === 'prisma-client' ? 'client' : 'index'
}

/**
 * How generated files are imported: as the generated client imports its own, which Prisma has chosen to suit the
 * project; or as its generator is told to.
 */
function importExtension({ clientGenerator }: SchemaPlan): string {
  const { provider, output, importFileExtension } = clientGenerator?.settings ?? {}
  if (importFileExtension !== undefined) return importFileExtension === '' ? '' : `.${importFileExtension}`
  if (provider !== 'prisma-client' || clientGenerator === undefined || output === undefined) return '.js'
  const generated = join(dirname(clientGenerator.file), output, 'client.ts')
  if (!existsSync(generated)) return '.ts'
  return /from ["']\.\/[^"']+?(\.[cm]?[jt]s)["']/.exec(readFileSync(generated, 'utf8'))?.[1] ?? ''
}

function specifier({ root }: Project, path: string, extension: string): string {
  const relative = shown(root, path)
  return `${relative.startsWith('.') ? '' : './'}${relative}${extension}`
}
