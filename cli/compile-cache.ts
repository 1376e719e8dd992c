import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { resolve } from 'node:path'

/** Where tools keep what they can make again: nobody commits it, and no other user of the machine may write there. */
const FOLDER = 'node_modules/.cache/prisma-writeback'

/**
 * Lets Node keep what it compiles, the application's TypeScript among it, for the next command: a third of the processor
 * time of `writeback status`. Where it may not write, it compiles every time. `NODE_DISABLE_COMPILE_CACHE=1` turns it off.
 */
export function keepCompiled(root = process.cwd()): void {
  if (existsSync(resolve(root, 'node_modules'))) enableCompileCache(resolve(root, FOLDER))
}
