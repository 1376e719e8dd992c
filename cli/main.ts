#!/usr/bin/env node
import { keepHeapSmall } from '../jobs/heap-flags.ts'
import { keepCompiled } from './compile-cache.ts'

// Before anything else is loaded: loading it would make the heap grow, which it does not undo for a long time.
keepHeapSmall()
// A worker starts seldom, and lives long with the memory it has.
if (!process.argv.includes('worker')) keepCompiled()

const { CommanderError } = await import('commander')
const { messageOf, WritebackError } = await import('../src/errors.ts')
const { EXIT } = await import('./exit.ts')
const { explain } = await import('./explain.ts')
const { createProgram } = await import('./program.ts')

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
