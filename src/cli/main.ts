#!/usr/bin/env node
import { CommanderError } from 'commander'
import { messageOf, WritebackError } from '../errors.ts'
import { EXIT } from './exit.ts'
import { createProgram } from './program.ts'

// A pipe that is closed early (`writeback jobs | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

try {
  await createProgram().parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said what is wrong. Help that was asked for is no error.
    process.exitCode = error.exitCode === 0 ? 0 : EXIT.usage
  } else {
    process.stderr.write(`${error instanceof WritebackError ? `${error.code} ` : ''}${messageOf(error)}\n`)
    process.exitCode = EXIT.error
  }
}
