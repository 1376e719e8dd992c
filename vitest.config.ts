import { resolve } from 'node:path'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/support/longest-first.ts'

// Tests start hundreds of processes, which would all compile the same modules.
process.env.NODE_COMPILE_CACHE ??= resolve('node_modules/.cache/node')
// Each of Prisma's would start another one, which asks the internet for a newer version.
process.env.CHECKPOINT_DISABLE ??= '1'
// TypeScript is written in Go. It ends before its memory matters, and collecting it is a fifth of what it does.
process.env.GOGC ??= 'off'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'],
    setupFiles: process.env.RECORD_REPAIRS ? ['test/targets/sheet/repair/record.ts'] : [],
    globalSetup: ['test/support/global-setup.ts'],
    // Processes, not threads: tests start workers, send signals and read process-wide state.
    pool: 'forks',
    // A process for each file would load the same modules 250 times: a quarter of the time of all tests.
    // What is recorded is recorded by a mock, which takes its place before a module is loaded.
    isolate: Boolean(process.env.RECORD_REPAIRS),
    // More than the two cores that are counted on: a test waits for processes, timers and the database most of its time. Six
    // keep two cores busy; with four a run took half as long again.
    maxWorkers: 6,
    sequence: { sequencer: LongestFirst },
    // Limits for tests that hang, not measures of speed.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
  },
})
