import { existsSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { messageOf, WritebackError } from '../errors.ts'
import { redact } from '../redact.ts'
import type { WritebackConfig } from './define-config.ts'
import { kindOf } from './describe.ts'
import { explainLoadError } from './load-error.ts'
import { lastLoaded, understandTypeScriptImports } from './typescript-imports.ts'

/** Names of the file, the first that is there counts. */
const CONFIG_NAMES = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map(
  (extension) => `writeback.config.${extension}`,
)

/** Where it may stand: beside package.json, among the sources, or where they were built to. */
const CONFIG_FOLDERS = ['.', 'src', 'dist', 'dist/src']

/** Path of the application's config file from its root; undefined where it has none. */
export function findConfig(root: string): string | undefined {
  return CONFIG_FOLDERS.flatMap((folder) => CONFIG_NAMES.map((name) => join(folder, name))).find((path) =>
    existsSync(resolve(root, path)),
  )
}

/**
 * Loads the config file of the application.
 *
 * @param path the file; by default WRITEBACK_CONFIG, or `writeback.config.ts` (`.mts`, `.cts`, `.js`, `.mjs`, `.cjs`) in
 * the working directory, in `src`, or in `dist`
 * @throws WritebackError `CONFIG_INVALID` when there is none, when it does not load, or when it does not export
 * what defineConfig returned
 */
export async function loadConfig(path?: string): Promise<WritebackConfig> {
  const file = locate(path ?? process.env.WRITEBACK_CONFIG)
  understandTypeScriptImports()
  let module: unknown
  try {
    module = await import(pathToFileURL(file).href)
  } catch (error) {
    if (error instanceof WritebackError) throw error
    // Of another copy of this package: what it says is right all the same.
    if (error instanceof Error && error.name === 'WritebackError') {
      throw new WritebackError('CONFIG_INVALID', { problem: messageOf(error), cause: error })
    }
    const url = lastLoaded()
    throw new WritebackError('CONFIG_INVALID', explainLoadError(error, file, url && fileURLToPath(url)))
  }
  const config = defaultExport(module)
  if (isConfig(config)) return config
  throw new WritebackError('CONFIG_INVALID', {
    problem: `${file} exports no configuration`,
    expected: 'export default defineConfig({ ... }), or module.exports = defineConfig({ ... })',
    got: config === undefined ? 'no default export' : kindOf(config),
  })
}

function locate(wanted: string | undefined): string {
  const file = wanted || findConfig(process.cwd())
  if (file === undefined || !existsSync(file)) {
    throw new WritebackError('CONFIG_INVALID', {
      problem: 'no configuration file',
      // Who confuses the variables puts the address of the database there.
      expected: wanted ? resolve(redact(wanted)) : `${CONFIG_NAMES[0]} in ${process.cwd()}`,
      remedy: 'Run "npx writeback init", or name the file with --config or WRITEBACK_CONFIG',
    })
  }
  if (statSync(file).isDirectory()) {
    throw new WritebackError('CONFIG_INVALID', {
      problem: 'no configuration file',
      expected: 'the path of a file in --config or WRITEBACK_CONFIG',
      got: `the folder ${resolve(file)}`,
    })
  }
  return resolve(file)
}

/** Compilers put the default export of an ES module into `default` of what CommonJS exports, once or twice. */
function defaultExport(module: unknown): unknown {
  let value = module
  for (let depth = 0; depth < 3 && !isConfig(value); depth++) {
    if (typeof value !== 'object' || value === null || !('default' in value)) break
    value = value.default
  }
  return value === module ? undefined : value
}

function isConfig(value: unknown): value is WritebackConfig {
  const { targets, dataModel, capture } = (value ?? {}) as Partial<WritebackConfig>
  return Array.isArray(targets) && dataModel !== undefined && capture !== undefined
}
