import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { Command } from 'commander'
import {
  checkTriggers,
  readInstalled,
  renderTriggerMigration,
  type TriggerFinding,
} from '../src/capture/triggers/index.ts'
import { findMigrations, findPrismaCli, readPrismaConfig } from '../src/config/prisma-project.ts'
import { confirm } from './confirm.ts'
import { EXIT } from './exit.ts'
import { count } from './format.ts'
import { paint, print, printJson, wrap } from './output.ts'
import { withSession } from './session.ts'

interface Options {
  readonly check?: true
  readonly dir?: string
  readonly yes?: true
  readonly json?: true
}

/** Prints what is wrong with triggers, for people. */
export function printFindings(findings: readonly TriggerFinding[]): void {
  for (const { severity, subject, message, remedy } of findings) {
    const sign = severity === 'error' ? paint.red('x') : paint.yellow('!')
    print(`${sign} ${wrap(`${subject}: ${message}`, 2)}\n  ${paint.dim(wrap(remedy, 2))}`)
  }
}

/** `writeback triggers`: writes the migration that installs the triggers, or checks that they are as they should be. */
export function triggersCommand(): Command {
  return new Command('triggers')
    .description('write a Prisma migration that brings the triggers up to date; deploy it with your others')
    .option(
      '--check',
      'only compare what is installed with the configuration; exits with 3 or 4 if it differs',
    )
    .option('--dir <folder>', 'the folder of your migrations (default: what prisma.config.ts says)')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print JSON')
    .action(async (options: Options, self: Command) => {
      await withSession(self, async ({ context: { sql, config } }) => {
        if (options.check) {
          const findings = await checkTriggers(sql, config)
          if (options.json) printJson(findings)
          else if (findings.length === 0) print('the triggers are as configured')
          if (!options.json) printFindings(findings)
          const broken = findings.some(({ severity }) => severity === 'error')
          if (findings.length > 0) process.exitCode = broken ? EXIT.broken : EXIT.attention
          return
        }
        const migration = renderTriggerMigration(config, await readInstalled(sql, config.schemas), new Date())
        if (migration === null) {
          if (options.json) printJson({ file: null, changed: [], removed: [] })
          else print('the triggers are as configured: nothing to write')
          return
        }
        const place = await placeOf(options.dir)
        const folder = join(resolve(place.folder), migration.name)
        const file = join(folder, 'migration.sql')
        const { changed, removed } = migration
        if (!options.json) {
          print(migration.sql)
          const tables = `${count(changed.length, 'table')} to change`
          print(paint.dim(`${tables}, ${count(removed.length, 'function')} to remove`))
        }
        if (!(await confirm(`Write ${file}?`, options.yes))) {
          print('nothing was written')
          return
        }
        await mkdir(folder, { recursive: true })
        await writeFile(file, migration.sql)
        if (options.json) printJson({ file, changed, removed })
        else print(`wrote ${file}; ${howToApply(file, place)}`)
      })
    })
}

/** Where the file goes, and how it gets into the database. */
interface Place {
  readonly folder: string
  readonly isDeployed: boolean
}

/**
 * Among the application's migrations; or beside them where it has none: a first one would make `prisma migrate deploy`
 * refuse a database that is kept with `prisma db push`.
 */
async function placeOf(dir: string | undefined): Promise<Place> {
  if (dir !== undefined) return { folder: dir, isDeployed: true }
  const root = process.cwd()
  const migrations = await readPrismaConfig(root, findPrismaCli(root))
    .then((config) => findMigrations(root, config))
    .catch(() => undefined)
  if (migrations === undefined || migrations.inUse) {
    return { folder: migrations?.path ?? 'prisma/migrations', isDeployed: true }
  }
  return { folder: join(dirname(migrations.path), 'writeback-triggers'), isDeployed: false }
}

function howToApply(file: string, { isDeployed }: Place): string {
  if (isDeployed) return 'deploy it with: writeback migrate'
  return `this project has no migrations, so apply it with: npx prisma db execute --file ${relative('.', file)}`
}
