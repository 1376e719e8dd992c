import { Command, InvalidArgumentError } from 'commander'
import { applyChanges } from '../src/init/apply.ts'
import { changesSomething, type PlannedChange } from '../src/init/change.ts'
import { type InitPlan, planInit } from '../src/init/plan.ts'
import { SPREADSHEET_ID, spreadsheetIdIn } from '../src/targets/sheet/config/spreadsheet-id.ts'
import { confirm } from './confirm.ts'
import { EXIT } from './exit.ts'
import { count } from './format.ts'
import { paint, print, printJson } from './output.ts'

interface Options {
  readonly model: string[]
  readonly spreadsheet: string
  readonly migrations: boolean
  readonly yes?: true
  readonly json?: true
}

/** `writeback init`: what the library needs, in an existing Prisma project. */
export function initCommand(): Command {
  return new Command('init')
    .description('add what the library needs to a Prisma project; shows every change first')
    .option('--model <name...>', 'models that get a target (default: the first; the others as comments)', [])
    .option('--spreadsheet <id>', "the spreadsheet's id, or its address", spreadsheetId, '')
    .option('--no-migrations', "leave out the library's migrations, for databases kept with prisma db push")
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print the plan as JSON; changes nothing without --yes')
    .action(async (options: Options) => {
      const plan = await planInit(process.cwd(), {
        models: options.model,
        spreadsheetId: options.spreadsheet,
        migrations: options.migrations,
      })
      if (plan.changes.some(({ action }) => action === 'differs')) process.exitCode = EXIT.attention
      if (options.json) {
        if (options.yes) await applyChanges(plan.root, plan.changes)
        printJson({
          applied: options.yes === true,
          changes: plan.changes.map(({ path, action, note, added }) => ({ path, action, note, added })),
          snippet: plan.snippet,
          next: plan.next,
        })
        return
      }
      await showAndApply(plan, options.yes)
    })
}

async function showAndApply(plan: InitPlan, yes: true | undefined): Promise<void> {
  for (const change of plan.changes) print(preview(change))
  const many = plan.changes.filter(changesSomething).length
  if (many === 0) {
    print('Nothing to change.')
    return
  }
  if (!(await confirm(`Make ${count(many, 'change')}?`, yes))) {
    print('Nothing has been changed.')
    return
  }
  await applyChanges(plan.root, plan.changes)
  print(`${count(many, 'change')} made. Extend the client with:\n`)
  print(plan.snippet.replace(/^(?=.)/gm, '    '))
  print(`\nNext:\n${plan.next.map((step, at) => `  ${at + 1}. ${step}`).join('\n')}`)
}

const SIGNS = {
  create: paint.green('create   '),
  append: paint.green('append   '),
  unchanged: paint.dim('unchanged'),
  differs: paint.yellow('differs  '),
}

/** A change as a person reads it: what is added, with the lines above it. */
function preview(change: PlannedChange): string {
  const head = `${SIGNS[change.action]}  ${change.path}  ${paint.dim(change.note)}`
  if (change.action === 'differs') return `${head}; left as it is`
  if (!changesSomething(change)) return head
  const added = change.added.replace(/\n$/, '').split('\n')
  if (change.verbatim)
    return `${head}\n  ${paint.green(`+ ${count(added.length, 'line')}, word for word from the package`)}\n`
  const above = change.before === null ? [] : change.before.replace(/\n$/, '').split('\n').slice(-3)
  return [
    head,
    ...above.map((line) => paint.dim(`    ${line}`)),
    ...added.map((line) => paint.green(`  + ${line}`.trimEnd())),
    '',
  ].join('\n')
}

function spreadsheetId(text: string): string {
  const id = spreadsheetIdIn(text)
  if (id === undefined) throw new InvalidArgumentError(`${SPREADSHEET_ID}; leave it out to decide later.`)
  return id
}
