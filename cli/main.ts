#!/usr/bin/env node
import { keepHeapSmall } from '../jobs/heap-flags.ts'
import { keepCompiled } from './compile-cache.ts'

// Before anything else is loaded: loading it would make the heap grow, which it does not undo for a long time.
keepHeapSmall()
// A worker starts seldom, and lives long with the memory it has.
if (!process.argv.includes('worker')) keepCompiled()

const { runCommandLine } = await import('./command-line.ts')

// A pipe that is closed early (`writeback jobs | head`) is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0)
  throw error
})

await runCommandLine(process.argv.slice(2))
