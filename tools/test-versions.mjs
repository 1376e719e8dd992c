// `npm run test:versions`: the tests that touch pg-boss, with the oldest and with the newest version that package.json
// allows. Arguments are passed on to Vitest in place of these folders.

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const TESTS = ['queue', 'jobs', 'operations', 'capture/triggers', 'processes'].map(
  (folder) => `test/${folder}/`,
)

const root = fileURLToPath(new URL('..', import.meta.url))
const modules = join(root, 'node_modules')
const oldest = pathToFileURL(join(root, 'tools/oldest-pg-boss.mjs')).href
const given = process.argv.slice(2)

/** @type {[string, NodeJS.ProcessEnv][]} */
const ends = [
  ['pg-boss-oldest', { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${oldest}`.trim() }],
  ['pg-boss', {}],
]
for (const [folder, env] of ends) {
  const { version } = JSON.parse(readFileSync(join(modules, folder, 'package.json'), 'utf8'))
  process.stdout.write(`\n== pg-boss ${version}\n`)
  const { status } = spawnSync(
    process.execPath,
    [join(modules, 'vitest/vitest.mjs'), 'run', ...(given.length > 0 ? given : TESTS)],
    { cwd: root, stdio: 'inherit', env: { ...process.env, ...env, TEST_PG_BOSS: version } },
  )
  if (status !== 0) process.exitCode = 1
}
