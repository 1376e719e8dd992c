// Builds the package by itself: JavaScript, declarations, and the files that are read as it runs.

import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const here = import.meta.dirname
const at = (...path) => join(here, ...path)
const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')

rmSync(at('dist'), { recursive: true, force: true })
const { status } = spawnSync(process.execPath, [tsc, '-p', at('tsconfig.build.json')], { stdio: 'inherit' })
if (status !== 0) process.exit(status ?? 1)
for (const path of ['page/assets', 'schema/messages.txt']) {
  cpSync(at(path), at('dist', path), { recursive: true })
}
chmodSync(at('dist', 'main.js'), 0o755)
