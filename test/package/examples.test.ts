import { readdirSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Emulator, startEmulator } from '../../packages/sheets-emulator/index.ts'
import type { Layout } from './example.ts'
import { linkAsPnpm, linkFlat } from './linked-packages.ts'
import { pack } from './pack.ts'
import { runExample } from './run-example.ts'

// Each does all that a stranger does in the first hour, with two dozen processes. They wait for each other as little as two
// cores allow.
vi.setConfig({ testTimeout: 300_000, maxConcurrency: 2 })

/** One local sheet for all: each example has a spreadsheet of its own. */
let emulator: Emulator
beforeAll(async () => {
  emulator = await startEmulator()
})
afterAll(() => emulator.close())

const flat: Layout = { install: async (folder) => linkFlat(folder, (await pack()).tarball) }

/** Runs `next` as the stand-in does, on a port that is free. */
const PORT = 4300 + (process.pid % 500)
const next: Layout = {
  ...flat,
  instead(command) {
    const program = /^npx next (build|start)$/.exec(command)?.[1]
    if (program !== undefined) {
      const server = resolve('test/package/next-server.ts')
      return { command: `PORT_OFFSET=${PORT - 3000} exec node '${server}' ${program} "$PWD"` }
    }
    return command.startsWith('curl')
      ? { command: command.replace('localhost:3000', `127.0.0.1:${PORT}`) }
      : undefined
  },
}

/** Runs what `pnpm exec` and `pnpm --filter` would, in the folder and with the programs that they would. */
const pnpm: Layout = {
  install: async (folder) => linkAsPnpm(folder, ['.', 'packages/db', 'apps/orders'], (await pack()).tarball),
  instead(command) {
    const [, filter, program] = /^pnpm (?:--filter @shop\/(\w+) )?exec (.*)$/.exec(command) ?? []
    if (program === undefined) return undefined
    return {
      command: program,
      cwd: filter === undefined ? '.' : filter === 'db' ? 'packages/db' : `apps/${filter}`,
    }
  },
}

const LAYOUTS: Readonly<Record<string, Layout>> = {
  esm: flat,
  'commonjs-nest': flat,
  next,
  'pnpm-monorepo': pnpm,
}

test('every example has a test', () => {
  const folders = readdirSync('examples', { withFileTypes: true }).filter((entry) => entry.isDirectory())
  expect(folders.map(({ name }) => name).sort()).toEqual(Object.keys(LAYOUTS).sort())
})

test.concurrent.each(Object.entries(LAYOUTS))(
  'examples/%s: what its README says, from the packed package to the row in the sheet, a restart, and its own test',
  (name, layout) => runExample(emulator, name, layout),
)
