// `npm ci` runs this in a checkout of this repository, never in an application that installs the package. The generated
// client is for development: where `npm ci --omit=dev` left the Prisma CLI out, there is nothing to do.

import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)

function findPrisma() {
  try {
    return join(dirname(require.resolve('prisma/package.json')), 'build', 'index.js')
  } catch {
    return undefined
  }
}

const cli = findPrisma()
if (cli === undefined) {
  process.stdout.write('prepare: development packages are left out, so the Prisma client is not generated\n')
} else {
  const { status } = spawnSync(process.execPath, [cli, 'generate'], { stdio: 'inherit' })
  process.exitCode = status ?? 1
}
