import { readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { findConfig } from '../config/load-config.ts'
import { WritebackError } from '../errors.ts'
import type { DataModel } from '../model/data-model.ts'
import type { PlannedChange } from './change.ts'
import { type SchemaPlan, shown } from './plan-schema.ts'
import type { Project } from './project.ts'
import { mirrorable, renderConfig } from './render-config.ts'
import { schemasOf } from './schema-blocks.ts'
import type { Style } from './style.ts'

/** What somebody may choose of the config file. */
export interface ConfigChoice {
  /** Models that get a target; the first one of the schema unless given. */
  readonly models: readonly string[]
  readonly spreadsheetId: string
}

/** The config file, and what the application imports. */
export interface ConfigPlan {
  readonly change: PlannedChange
  readonly clientImport: string
  /** How a file beside the configuration imports it. */
  readonly configImport: string
}

/**
 * Plans the config file, written as the project writes its modules. One that is there is the application's own.
 * @throws WritebackError `CONFIG_INVALID` for a model that is not there or has no key that a cell can hold
 */
export function planConfig(
  project: Project,
  schema: SchemaPlan,
  dataModel: DataModel,
  choice: ConfigChoice,
): ConfigPlan {
  const { clientGenerator, style } = schema
  const isPlain = style.language === 'javascript'
  const from = join(project.root, style.folder)
  const output = clientGenerator?.settings.output
  const clientImport =
    output === undefined || clientGenerator === undefined
      ? '@prisma/client'
      : specifier(
          from,
          join(dirname(clientGenerator.file), output, clientModule(schema)),
          clientExtension(schema),
        )
  const existing = findConfig(project.root)
  const path = existing ?? join(style.folder, `writeback.config.${isPlain ? 'js' : 'ts'}`)
  const configImport = `./${basename(path).replace(/\.ts$/, '')}${path.endsWith('.ts') ? style.extension : ''}`
  if (existing !== undefined) {
    const before = readFileSync(join(project.root, existing), 'utf8')
    const change = { path: existing, action: 'unchanged', note: 'is yours', before, added: '' } as const
    return { change, clientImport, configImport }
  }
  const added = renderConfig({
    clientImport,
    modelImport: specifier(from, join(schema.modelFolder, 'data-model'), modelExtension(style)),
    dataModel,
    models: chosen(dataModel, choice.models),
    spreadsheetId: choice.spreadsheetId,
    databaseSchema: databaseSchemaOf(project),
    librarySchema: schema.librarySchema,
    style,
  })
  const note = 'what is mirrored, and where'
  return {
    change: { path: path.replaceAll('\\', '/'), action: 'create', note, before: null, added },
    clientImport,
    configImport,
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

/** A datasource that names its schemas has `@@schema` on every model, so that the address names none. */
export function databaseSchemaOf({ blocks, databaseSchema }: Project): string | undefined {
  const datasource = blocks.find(({ keyword }) => keyword === 'datasource')
  return schemasOf(datasource).length > 0 ? undefined : databaseSchema
}

/** The generator prisma-client writes client.ts, prisma-client-js an index. */
function clientModule({ clientGenerator }: SchemaPlan): string {
  return clientGenerator?.settings.provider === 'prisma-client' ? 'client' : 'index'
}

function clientExtension({ clientGenerator, style }: SchemaPlan): string {
  return clientGenerator?.settings.provider === 'prisma-client' ? style.extension : '.js'
}

function modelExtension({ language, modules, extension }: Style): string {
  if (language === 'typescript') return extension
  return modules === 'esm' ? '.mjs' : '.cjs'
}

function specifier(from: string, path: string, extension: string): string {
  const relative = shown(from, path)
  return `${relative.startsWith('.') ? '' : './'}${relative}${extension}`
}
