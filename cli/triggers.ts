import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve } from 'node:path'
import { Command, Option } from 'commander'
import {
  checkTriggers,
  readInstalled,
  renderTriggerMigration,
  summarizeTriggers,
  type TriggerFinding,
  type TriggerMigration,
  type TriggerSummary,
} from '../src/capture/triggers/index.ts'
import { findMigrations, findPrismaCli, readPrismaConfig } from '../src/config/prisma-project.ts'
import { WritebackError } from '../src/errors.ts'
import { confirm } from './confirm.ts'
import { EXIT } from './exit.ts'
import { count } from './format.ts'
import { paint, print, printJson, renderTable, wrap } from './output.ts'
import { withSession } from './session.ts'

interface Options {
  readonly check?: true
  readonly sql?: true
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

/**
 * `writeback triggers`: tells how the triggers stand and writes the migration that brings them up to date, prints its SQL,
 * or checks them.
 */
export function triggersCommand(): Command {
  return new Command('triggers')
    .description(
      'tell how the triggers stand, and write the migration that brings them up to date; deploy it with your others',
    )
    .addOption(
      new Option(
        '--check',
        'only compare what is installed with the configuration; exits with 3 or 4 if it differs',
      ).conflicts('sql'),
    )
    .option('--sql', 'only print the SQL of the migration, and write no file')
    .option('--dir <folder>', 'the folder of your migrations (default: what prisma.config.ts says)')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print JSON')
    .action(async (options: Options, self: Command) => {
      await withSession(self, async ({ context: { sql, config } }) => {
        if (options.check) {
          check(await checkTriggers(sql, config), options)
          return
        }
        const installed = await readInstalled(sql, config.schemas)
        const migration = renderTriggerMigration(config, installed, new Date())
        if (options.sql) printSql(migration, options)
        else await write(summarizeTriggers(config, installed), migration, options)
      })
    })
}

function check(findings: readonly TriggerFinding[], { json }: Options): void {
  if (json) printJson(findings)
  else if (findings.length === 0) print('the triggers are as configured')
  else printFindings(findings)
  const broken = findings.some(({ severity }) => severity === 'error')
  if (findings.length > 0) process.exitCode = broken ? EXIT.broken : EXIT.attention
}

/** What goes to stdout is SQL in any case: it may be piped into a file, or into psql. */
function printSql(migration: TriggerMigration | null, { json }: Options): void {
  const text = migration?.sql ?? '-- The triggers are as configured: nothing to do.\n'
  if (json) printJson({ sql: migration?.sql ?? null })
  else process.stdout.write(text)
  if (migration === null || json) return
  process.stderr.write('no file was written; without --sql the migration is written where Prisma finds it\n')
}

async function write(
  summary: TriggerSummary,
  migration: TriggerMigration | null,
  options: Options,
): Promise<void> {
  if (migration !== null && !options.json && !options.yes && !process.stdout.isTTY) throw noSummaryInFile()
  if (!options.json) print(renderSummary(summary))
  if (migration === null) {
    if (options.json) printJson({ file: null, changed: [], removed: [], ...summary })
    else print('\nthe triggers are as configured: nothing to write')
    return
  }
  const place = await placeOf(options.dir)
  const folder = join(resolve(place.folder), migration.name)
  const file = join(folder, 'migration.sql')
  const { changed, removed } = migration
  if (!options.json) {
    const tables = `${count(changed.length, 'table')} to change`
    print(`\n${tables}, ${count(removed.length, 'function')} to remove; the SQL: writeback triggers --sql`)
  }
  if (!(await confirm(`Write ${file}?`, options.yes))) {
    print('nothing was written')
    return
  }
  await mkdir(folder, { recursive: true })
  await writeFile(file, migration.sql)
  if (options.json) printJson({ file, changed, removed, ...summary })
  else print(`wrote ${relative('.', file)}; ${howToApply(file, place)}`)
}

/** Whoever pipes this into a file means the SQL, and must not find a table of words in it. */
function noSummaryInFile(): WritebackError {
  return new WritebackError('OPERATION_INVALID', {
    problem: 'there is no terminal to ask on, and what would be printed is a summary, no SQL',
    expected: '--yes to write the migration, or --sql to print its SQL',
  })
}

/** A line for each table: what its triggers are for, and how they stand. */
function renderSummary({ tables, obsolete }: TriggerSummary): string {
  const words = {
    current: paint.green('up to date'),
    missing: paint.red('not installed'),
    outdated: paint.yellow('outdated'),
    wrong: paint.red('wrong'),
  }
  const rows = [
    ...tables.map(({ table, shownBy, state, wrong }) => ({
      cells: [table, words[state], shownBy.join('\n')],
      note: wrong.length === 0 ? undefined : wrong.join(', '),
    })),
    ...obsolete.map((name) => ({
      cells: [`function ${name}`, paint.yellow('not needed'), '-'],
      note: undefined,
    })),
  ]
  return renderTable(
    [{ head: 'TABLE', flexible: 'wrap' }, { head: 'TRIGGERS' }, { head: 'FOR', flexible: 'wrap' }],
    rows.map(({ cells }) => cells),
    rows.map(({ note }) => note),
  )
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
