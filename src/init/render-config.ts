import { DEFAULT_SCHEMAS } from '../config/schemas.ts'
import type { DataModel, Model } from '../model/data-model.ts'
import { assertIdentifiable } from '../model/record-id.ts'
import { readLibraryFiles } from './library-files.ts'
import type { Style } from './style.ts'

/** What the config file is made from. Import paths are written as they stand in it. */
export interface ConfigParts {
  readonly clientImport: string
  readonly modelImport: string
  readonly dataModel: DataModel
  /** Models that get a target; the others are listed as comments. */
  readonly models: readonly string[]
  /** The spreadsheet's id; empty to be filled in. */
  readonly spreadsheetId: string
  /** The Postgres schema that the database's address names; undefined for Postgres's own. */
  readonly databaseSchema: string | undefined
  /** The Postgres schema of the library's tables. */
  readonly librarySchema: string
  readonly style: Style
}

/** Fields that people would be sorry to find in a shared sheet. Left out, and named, so that they can be put back. */
const SECRET = /pass(word|wd|phrase)|secret|token|hash|salt|api_?key|private_?key|credential/i

/** Header of the key column, unless a target says otherwise. */
const KEY_HEADER = 'ID'

/** The text of the config file. */
export function renderConfig(parts: ConfigParts): string {
  const targets = mirrorable(parts.dataModel).map((model) => {
    const text = renderTarget(model)
    return parts.models.includes(model.name) ? text : text.replace(/^ {4}/gm, '    // ')
  })
  const why = parts.databaseSchema === undefined ? 'the datasource has' : '?schema= of DATABASE_URL has put'
  const home = parts.databaseSchema ?? parts.librarySchema
  const schemas =
    home === DEFAULT_SCHEMAS.library
      ? ''
      : `\n  // Where ${why} the tables.\n  schemas: { library: '${home}' },\n`
  const id = JSON.stringify(parts.spreadsheetId).replaceAll('"', "'")
  const isTyped = parts.style.language === 'typescript'
  const isCommonJs = !isTyped && parts.style.modules === 'commonjs'
  const load = (name: string, from: string) =>
    isCommonJs ? `const { ${name} } = require('${from}')` : `import { ${name} } from '${from}'`
  return `${load('PrismaPg', '@prisma/adapter-pg')}
${load('forClient', 'prisma-writeback')}
${load('PrismaClient', parts.clientImport)}
${load('dataModel', parts.modelImport)}

const { defineConfig, sheetTarget } = forClient${isTyped ? '<PrismaClient>' : ''}(dataModel)

// The sheet's address, or the part of it between /d/ and /edit.
const spreadsheetId = ${id}

${isCommonJs ? 'module.exports =' : 'export default'} defineConfig({
  // The worker's own client: it reads one batch of records at a time.
  client: () =>
    new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL, max: 1 }${adapterOptions(parts.databaseSchema)}) }),
${schemas}
  // One for every tab that follows a model. Everybody who may open the sheet sees these columns.
  targets: [
${targets.join('\n')}
  ],
})
`
}

/** What an adapter has to be told where the address names a schema: pg reads nothing of it. */
export function adapterOptions(databaseSchema: string | undefined): string {
  return databaseSchema === undefined ? '' : `, { schema: '${databaseSchema}' }`
}

/** The models a target can have: those with a key that a cell can hold, the library's own left out. */
export function mirrorable(dataModel: DataModel): Model[] {
  const own = new Set([...readLibraryFiles().schema.matchAll(/^model (\w+)/gm)].map(([, name]) => name))
  return Object.values(dataModel.models).filter((model) => {
    if (own.has(model.name)) return false
    try {
      assertIdentifiable(dataModel, model.name)
    } catch {
      return false
    }
    return columnsOf(model).shown.length > 0
  })
}

function renderTarget(model: Model): string {
  const { shown, hidden } = columnsOf(model)
  return [
    '    sheetTarget({',
    `      name: '${kebab(model.name)}',`,
    '      spreadsheetId,',
    `      tab: '${model.name}',`,
    `      model: '${model.name}',`,
    '      columns: [',
    ...shown.map((name) => `        '${name}',`),
    ...hidden.map(({ name, why }) => `        // '${name}' ${why}`),
    '      ],',
    '    }),',
  ].join('\n')
}

function columnsOf(model: Model): { shown: string[]; hidden: { name: string; why: string }[] } {
  // The key column of the tab shows a key of one field.
  const key = model.primaryKey.length === 1 ? model.primaryKey[0] : undefined
  const names = Object.values(model.fields)
    .filter((field) => field.kind === 'enum' || (field.kind === 'scalar' && field.type !== 'Bytes'))
    .map((field) => field.name)
    .filter((name) => name !== key)
  const shown: string[] = []
  const hidden: { name: string; why: string }[] = []
  for (const name of names) {
    if (SECRET.test(name)) hidden.push({ name, why: 'looks like a secret' })
    else if (name === KEY_HEADER)
      hidden.push({ name, why: 'needs another header, or the target another key' })
    else shown.push(name)
  }
  return { shown, hidden }
}

/** RequestItem: request-item. */
function kebab(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase()
}
