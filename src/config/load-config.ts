import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { messageOf, WritebackError } from '../errors.ts'
import type { WritebackConfig } from './define-config.ts'

const NAMES = ['writeback.config.ts', 'writeback.config.mts', 'writeback.config.js', 'writeback.config.mjs']

/**
 * Loads the config file of the application.
 *
 * @param path the file; by default WRITEBACK_CONFIG, or `writeback.config.ts` (`.mts`, `.js`, `.mjs`) in the
 * working directory
 * @throws WritebackError `CONFIG_INVALID` when there is none, when it does not load, or when it does not export
 * what defineConfig returned
 */
export async function loadConfig(path?: string): Promise<WritebackConfig> {
  const wanted = path ?? process.env.WRITEBACK_CONFIG
  const file = wanted ? resolve(wanted) : NAMES.map((name) => resolve(name)).find((name) => existsSync(name))
  if (file === undefined || !existsSync(file)) {
    throw new WritebackError('CONFIG_INVALID', {
      problem: 'no configuration file',
      expected: wanted ?? `${NAMES[0]} in ${process.cwd()}`,
      remedy: 'Run "writeback init", or name the file with --config or WRITEBACK_CONFIG',
    })
  }
  let module: { default?: unknown }
  try {
    module = await import(pathToFileURL(file).href)
  } catch (error) {
    if (error instanceof WritebackError) throw error
    throw new WritebackError('CONFIG_INVALID', {
      problem: `${file} does not load`,
      got: messageOf(error),
      remedy: 'Run "prisma generate" if it is the generated client that is missing',
      cause: error,
    })
  }
  const config = module.default as Partial<WritebackConfig> | undefined
  if (!config?.targets || !config.dataModel) {
    throw new WritebackError('CONFIG_INVALID', {
      problem: `${file} exports no configuration`,
      expected: 'export default defineConfig({ ... })',
    })
  }
  return config as WritebackConfig
}
