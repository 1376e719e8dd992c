import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, test, vi } from 'vitest'
import { type Emulator, startEmulator } from '../../packages/sheets-emulator/index.ts'
import type { Layout } from './example.ts'
import { pack } from './pack.ts'
import { runExample } from './run-example.ts'

/*
 * The examples whose programs `npm test` stands in for, with those programs: the real Next bundles and serves, the real
 * pnpm installs and runs. They are installed from the registry: `npm run test:examples`.
 */

/** What is installed, so that a new release of others breaks no test of ours. */
const NEXT = '16.4.6'
const PNPM = '12.21.0'

/** A registry that is slow, and a machine that does something else beside. */
vi.setConfig({ testTimeout: 1_200_000, hookTimeout: 300_000 })

const run = promisify(execFile)
const withNode = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` }
const npm = (cwd: string, ...args: string[]) => run('npm', args, { cwd, env: withNode, maxBuffer: 32 << 20 })

/** Why no package can be installed here; undefined where some can. */
const unreachable = await npm(tmpdir(), 'view', `pnpm@${PNPM}`, 'version', '--fetch-retries', '0').then(
  () => undefined,
  () => 'the npm registry cannot be reached',
)
const name = (what: string) => (unreachable === undefined ? what : `${what} (skipped: ${unreachable})`)

let emulator: Emulator
let tools: string
beforeAll(async () => {
  emulator = await startEmulator()
  tools = await mkdtemp(join(tmpdir(), 'writeback-tools-'))
})
afterAll(async () => {
  await emulator.close()
  await rm(tools, { recursive: true, force: true })
})

/** Names the packed package, and other versions, in a package.json. */
async function depend(folder: string, versions: Readonly<Record<string, string>> = {}): Promise<void> {
  const path = join(folder, 'package.json')
  const manifest = JSON.parse(await readFile(path, 'utf8'))
  const { tarball } = await pack()
  Object.assign(manifest.dependencies, { 'prisma-writeback': `file:${tarball}` }, versions)
  await writeFile(path, JSON.stringify(manifest, null, 2))
}

test.skipIf(unreachable !== undefined)(name(`examples/next with Next ${NEXT}`), async () => {
  const port = 5300 + (process.pid % 500)
  const layout: Layout = {
    async install(folder) {
      await depend(folder, { next: NEXT })
      await npm(folder, 'install', '--ignore-scripts')
    },
    instead(command) {
      if (command === 'npx next start') return { command: `exec next start --port ${port}` }
      return command.startsWith('curl')
        ? { command: command.replace('localhost:3000', `127.0.0.1:${port}`) }
        : undefined
    },
  }
  await runExample(emulator, 'next', layout)
})

test.skipIf(unreachable !== undefined)(name(`examples/pnpm-monorepo with pnpm ${PNPM}`), async () => {
  await npm(tools, 'install', '--ignore-scripts', '--prefix', tools, `pnpm@${PNPM}`)
  const programs = join(tools, 'node_modules/.bin')
  const layout: Layout = {
    programs,
    async install(folder) {
      await depend(join(folder, 'packages/db'))
      await run(join(programs, 'pnpm'), ['install', '--ignore-scripts'], { cwd: folder, env: withNode })
    },
  }
  await runExample(emulator, 'pnpm-monorepo', layout)
})
