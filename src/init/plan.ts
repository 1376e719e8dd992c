import type { PlannedChange } from './change.ts'
import { readLibraryFiles } from './library-files.ts'
import { type ConfigChoice, type ConfigPlan, databaseSchemaOf, planConfig } from './plan-config.ts'
import { planMigrations } from './plan-migrations.ts'
import { planProcfile } from './plan-procfile.ts'
import { planSchema } from './plan-schema.ts'
import { findProject } from './project.ts'
import { readModels } from './read-models.ts'
import { adapterOptions } from './render-config.ts'
import type { Style } from './style.ts'

/** What `writeback init` would do in a project. */
export interface InitPlan {
  readonly root: string
  readonly changes: readonly PlannedChange[]
  /** How the application extends its client. */
  readonly snippet: string
  /** What remains to be done by hand, in order. */
  readonly next: readonly string[]
}

/** What somebody may choose. */
export interface InitOptions extends ConfigChoice {
  /** False for databases that are kept with `prisma db push`, also where there are migrations. */
  readonly migrations: boolean
}

/**
 * Looks at a Prisma project and plans everything, changing nothing.
 * @param modelsOf has the project's Prisma read the schema as it will be
 * @throws WritebackError `CONFIG_INVALID` where there is no Prisma project, or the library does not fit it
 */
export async function planInit(
  root: string,
  options: InitOptions,
  modelsOf: typeof readModels = readModels,
): Promise<InitPlan> {
  const project = await findProject(root)
  const library = readLibraryFiles()
  const schema = planSchema(project, library)
  const dataModel = await modelsOf(project, schema.after)
  const config = planConfig(project, schema, dataModel, options)
  const procfile = planProcfile(project)
  // A first migration of ours would be the only one that a database kept with "prisma db push" has.
  const migrates = options.migrations && project.usesMigrations
  const next = [
    ...(project.packages.has('@prisma/adapter-pg')
      ? []
      : ['Install the driver: npm install @prisma/adapter-pg']),
    ...(config.change.action === 'create'
      ? [
          options.spreadsheetId === ''
            ? `Put the sheet's id into ${config.change.path}, and say there what is mirrored.`
            : `Say in ${config.change.path} what is mirrored.`,
        ]
      : []),
    ...procfile.byHand,
    'npx prisma generate',
    migrates
      ? 'npx writeback migrate'
      : 'Make the tables as you make yours, with "npx prisma db push" or "npx prisma migrate dev", and then: npx writeback migrate',
    migrates
      ? 'Triggers see every write, of raw SQL too: npx writeback triggers, and then again: npx writeback migrate'
      : 'Where you have migrations by then, triggers see every write, of raw SQL too: npx writeback triggers, and then again: npx writeback migrate',
    'Extend the client, last of your extensions, as shown above: it tells who did what, and captures where there are no triggers.',
    "Share the sheet with the service account's address as an editor, and start: npx writeback worker",
  ]
  return {
    root,
    changes: [
      ...schema.changes,
      ...(migrates ? planMigrations(project, library, schema.librarySchema) : []),
      config.change,
      procfile.change,
    ],
    snippet: snippet(config, schema.style, databaseSchemaOf(project)),
    next,
  }
}

function snippet(
  { clientImport, configImport }: ConfigPlan,
  { language, modules }: Style,
  databaseSchema: string | undefined,
): string {
  const isCommonJs = language === 'javascript' && modules === 'commonjs'
  const load = (name: string, from: string) =>
    isCommonJs ? `const ${name} = require('${from}')` : `import ${name} from '${from}'`
  return `${load('{ PrismaPg }', '@prisma/adapter-pg')}
${load('{ writeback }', 'prisma-writeback')}
${load('{ PrismaClient }', clientImport)}
${load('config', configImport)}

const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL }${adapterOptions(databaseSchema)})
${isCommonJs ? 'exports.prisma' : 'export const prisma'} = new PrismaClient({ adapter }).$extends(writeback(config))`
}
