import { registerHooks } from 'node:module'

/*
 * A worker that lacks one protection: `node torture/without/worker.ts fence`. One module of the library is replaced by
 * the one beside this file; everything else is the worker as it is.
 */

/** The module that is replaced, and by what. */
const REPLACED: Readonly<Record<string, readonly [module: string, by: string]>> = {
  lane: ['../../src/lane/lock.ts', './lane-lock.ts'],
  fence: ['../../src/targets/sheet/google/fence.ts', './fence.ts'],
  verification: ['../../src/targets/sheet/write/verify.ts', './verify.ts'],
  'read-after-lane': ['../../src/targets/sheet/writer.ts', './writer.ts'],
  base: ['../../src/targets/sheet/store/store.ts', './store.ts'],
}

const found = REPLACED[process.argv[2] ?? '']
if (!found) throw new Error(`expected one of ${Object.keys(REPLACED).join(', ')}`)
const [module, by] = found.map((path) => new URL(path, import.meta.url).href) as [string, string]

registerHooks({
  resolve(specifier, context, next) {
    const resolved = next(specifier, context)
    // The replacement itself builds on the module it replaces.
    return resolved.url === module && context.parentURL !== by ? { ...resolved, url: by } : resolved
  },
})

const { runWorkerProcess } = await import('../../jobs/worker.ts')
await runWorkerProcess()
