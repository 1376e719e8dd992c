import { tmpdir } from 'node:os'
import { loadConfig } from '../../src/config/load-config.ts'
import { SECRET } from './secret.ts'
import type { WrongInput } from './wrong-input.ts'

const url = `postgres://user:${SECRET}@db/app`

/** A configuration file with something wrong in it. Each has a name of its own: Node keeps what it has loaded. */
const file = (name: string, what: string, text: string, ...names: string[]): WrongInput => ({
  what: `config file: ${what}`,
  run: (stage) => loadConfig(stage.file(name, text)),
  code: 'CONFIG_INVALID',
  names: [name, ...names],
})

const path = (what: string, given: string, ...names: string[]): WrongInput => ({
  what: `config file: ${what}`,
  run: () => loadConfig(given),
  code: 'CONFIG_INVALID',
  names: ['--config', 'WRITEBACK_CONFIG', ...names],
})

/** Wrong configuration files. */
export const CONFIG_FILES: readonly WrongInput[] = [
  path('a path that is not there', 'nowhere.ts', 'nowhere.ts', 'no configuration file'),
  path('a folder', tmpdir(), 'the folder'),
  path('the address of the database', url, 'no configuration file'),
  file('empty.mjs', 'nothing in it', '', 'no default export'),
  file('named.mjs', 'a named export', 'export const config = { targets: [] }', 'export default'),
  file('number.mjs', 'a default export of something else', 'export default 42', 'a number'),
  file('options.mjs', 'options without defineConfig', 'export default { targets: [] }', 'defineConfig'),
  file('throws.mjs', 'it throws', `throw new Error('cannot connect to ${url}')`, 'postgres://***@db/app'),
  file('throws-text.mjs', 'it throws what is no error', `throw '${SECRET}'`, 'something that is no error'),
  file(
    'package.mjs',
    'a package that is not there',
    `import 'not-installed-here'`,
    'npm install not-installed-here',
  ),
  file(
    'import.mjs',
    'a file that is not there',
    `import './prisma-client.js'`,
    'prisma-client.js',
    'Correct the path',
  ),
]
