#!/usr/bin/env node
import { Command } from 'commander'
import { messageOf, WritebackError } from '../errors.ts'
import { migrateCommand } from './migrate.ts'
import { workerCommand } from './worker.ts'

const program = new Command('writeback')
  .description('Keeps Google Sheets in step with a database written through Prisma.')
  .option('-c, --config <file>', 'the configuration (default: writeback.config.ts)')
  .addCommand(migrateCommand())
  .addCommand(workerCommand())

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`${error instanceof WritebackError ? `${error.code} ` : ''}${messageOf(error)}\n`)
  process.exitCode = 1
}
