import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

const VARIABLE = 'PRISMA_SCHEMA_ENGINE_BINARY'

/** The program that stands in for Prisma's native schema engine. */
export const STAND_IN: string = fileURLToPath(new URL('./main.mjs', import.meta.url))

/**
 * Whether installing the packages brought the native schema engine. `@prisma/engines` downloads it when it is
 * installed and goes on without it where the download fails, so its absence means that it cannot be had here.
 */
export function nativeEngineInstalled(): boolean {
  const require = createRequire(import.meta.url)
  const fromPrisma = createRequire(require.resolve('prisma/package.json'))
  const folder = dirname(fromPrisma.resolve('@prisma/engines/package.json'))
  return readdirSync(folder).some(
    (name) => name.startsWith('schema-engine-') && !/\.(gz|sha256|tmp)/.test(name),
  )
}

/**
 * Points the Prisma CLI to the stand-in where the native engine is not installed. Where it is, or where the variable
 * is already set, nothing changes. Windows cannot start a script as a program, so there the CLI is left as it is.
 *
 * @param env the environment to change
 */
export function useStandInWhereNeeded(env: NodeJS.ProcessEnv = process.env): void {
  if (env[VARIABLE] || process.platform === 'win32' || nativeEngineInstalled()) return
  env[VARIABLE] = STAND_IN
}
