import { Command } from 'commander'
import { libraryVersion } from '../src/library-version.ts'
import { redact } from '../src/redact.ts'
import { approveCommand } from './approve.ts'
import { backfillCommand } from './backfill.ts'
import { cleanupCommand } from './cleanup.ts'
import { conflictsCommand } from './conflicts.ts'
import { dashboardCommand } from './dashboard.ts'
import { discardCommand } from './discard.ts'
import { doctorCommand } from './doctor.ts'
import { readDotEnvAsPrismaDoes } from './dot-env.ts'
import { editsCommand } from './edits.ts'
import { initCommand } from './init.ts'
import { jobsCommand } from './jobs.ts'
import { migrateCommand } from './migrate.ts'
import { pauseCommand } from './pause.ts'
import { reconcileCommand } from './reconcile.ts'
import { recoverCommand } from './recover.ts'
import { resolveCommand } from './resolve.ts'
import { resumeCommand } from './resume.ts'
import { retryCommand } from './retry.ts'
import { sheetCommand } from './sheet.ts'
import { sheetScriptCommand } from './sheet-script.ts'
import { showCommand } from './show.ts'
import { statusCommand } from './status.ts'
import { triggersCommand } from './triggers.ts'
import { workerCommand } from './worker.ts'

/** The whole command line. What is wrong with it is thrown as a CommanderError, after one line on stderr. */
export function createProgram(): Command {
  const program = new Command('writeback')
    .description(
      'Keeps sheets, search indexes, caches and outside systems in step with a database written through Prisma.',
    )
    .version(libraryVersion(), '-v, --version', 'print the version')
    .option('-c, --config <file>', 'the configuration (default: writeback.config.ts)')
    .helpCommand('help [command]', 'show what a command does')
    .hook('preAction', async (_program, command) => {
      // Prisma's own configuration is part of what init looks at, and the sheet needs nothing.
      if (!['init', 'sheet'].includes(command.name())) await readDotEnvAsPrismaDoes(command.name())
    })
  const groups: Record<string, Command[]> = {
    'Set up:': [initCommand(), migrateCommand(), triggersCommand(), sheetScriptCommand()],
    'Processes:': [workerCommand(), sheetCommand(), dashboardCommand()],
    'Look:': [
      statusCommand(),
      jobsCommand(),
      showCommand(),
      conflictsCommand(),
      editsCommand(),
      doctorCommand(),
    ],
    'Act:': [
      retryCommand(),
      discardCommand(),
      resolveCommand(),
      pauseCommand(),
      resumeCommand(),
      approveCommand(),
      reconcileCommand(),
      backfillCommand(),
      recoverCommand(),
      cleanupCommand(),
    ],
  }
  for (const [group, commands] of Object.entries(groups)) {
    for (const command of commands) program.addCommand(command.helpGroup(group))
  }
  for (const command of [program, ...program.commands]) {
    command.exitOverride().configureOutput({ outputError: (text, write) => write(usageError(text)) })
  }
  return program
}

/** What commander says, in one line. It quotes arguments, and a URL with its password may be one of them. */
function usageError(text: string): string {
  const line = text
    .replace(/^error: /, '')
    .trim()
    .replace(/\s*\n\s*/g, ' ')
  return `USAGE ${redact(line)}\n`
}
