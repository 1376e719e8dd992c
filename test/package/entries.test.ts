import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const HEAVY = ['googleapis', 'pg-boss', 'numfmt', 'prom-client', 'commander']

/** The heavy packages that a process loads with an entry. */
async function loadedWith(entry: string): Promise<string[]> {
  const program = `
    import { registerHooks } from 'node:module'
    const urls = []
    registerHooks({
      resolve(specifier, context, next) {
        const resolved = next(specifier, context)
        urls.push(resolved.url)
        return resolved
      },
    })
    await import('./${entry}')
    console.log(JSON.stringify(urls))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program], {
    maxBuffer: 32 << 20,
  })
  const urls: string[] = JSON.parse(stdout)
  return HEAVY.filter((name) => urls.some((url) => url.includes(`/node_modules/${name}/`)))
}

test('a web process that only publishes loads neither the worker nor the local sheet, and a worker no place before it is used', async () => {
  expect(await loadedWith('src/index.ts')).toEqual([])
  expect(await loadedWith('src/operations/index.ts')).toEqual(['pg-boss'])
  expect(await loadedWith('jobs/start-worker.ts')).toEqual(['pg-boss', 'prom-client'])
})
