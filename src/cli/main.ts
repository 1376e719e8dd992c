#!/usr/bin/env node
import { CommanderError } from 'commander'
import { messageOf, WritebackError } from '../errors.ts'
import { EXIT } from './exit.ts'
import { explain } from './explain.ts'
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
    const told = explain(error)
    process.stderr.write(`${told instanceof WritebackError ? `${told.code} ` : ''}${messageOf(told)}\n`)
    process.exitCode = EXIT.error
  }
}
