import type { PlannedChange } from './change.ts'
import { readLibraryFiles } from './library-files.ts'
import { type ConfigChoice, databaseSchemaOf, planConfig } from './plan-config.ts'
import { planMigrations } from './plan-migrations.ts'
import { planProcfile } from './plan-procfile.ts'
import { planSchema } from './plan-schema.ts'
import { findProject } from './project.ts'
import { readModels } from './read-models.ts'
import { adapterOptions } from './render-config.ts'

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
  /** False for databases that are kept with `prisma db push`. */
  readonly migrations: boolean
}

/**
 * Looks at a Prisma project and plans everything, changing nothing.
 * @throws WritebackError `CONFIG_INVALID` where there is no Prisma project, or the library does not fit it
 */
export async function planInit(root: string, options: InitOptions): Promise<InitPlan> {
  const project = await findProject(root)
  const library = readLibraryFiles()
  const schema = planSchema(project, library)
  const dataModel = await readModels(project, schema.after)
  const config = planConfig(project, schema, dataModel, options)
  const procfile = planProcfile(project)
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
    ...(config.runsAsItIs
      ? []
      : [
          `Let Node run the generated client: importFileExtension = "ts" in generator ${schema.clientGenerator?.name ?? 'client'}, or NODE_OPTIONS=--import=tsx for writeback, or --config with a built file.`,
        ]),
    ...procfile.byHand,
    'npx prisma generate',
    options.migrations
      ? 'npx writeback migrate'
      : 'npx prisma db push && npx writeback migrate --skip-prisma',
    'Extend the client, last of your extensions, as shown above.',
    "Share the sheet with the service account's address as an editor, and start: npx writeback worker",
  ]
  return {
    root,
    changes: [
      ...schema.changes,
      ...(options.migrations ? planMigrations(project, library) : []),
      config.change,
      procfile.change,
    ],
    snippet: snippet(config.clientImport, databaseSchemaOf(project)),
    next,
  }
}

function snippet(clientImport: string, databaseSchema: string | undefined): string {
  return `import { PrismaPg } from '@prisma/adapter-pg'
import { writeback } from 'prisma-writeback'
import { PrismaClient } from '${clientImport}'
import config from './writeback.config.ts'

const adapter = new PrismaPg({ connectionString: process.env.DATABASE_URL }${adapterOptions(databaseSchema)})
export const prisma = new PrismaClient({ adapter }).$extends(writeback(config))`
}
