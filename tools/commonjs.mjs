// Part of the build: what CommonJS gets that cannot require ES modules, in a folder that says that it is CommonJS.
// - The declarations once more: with `module: node16`, TypeScript refuses to require a package whose declarations are of an
//   ES module, although every Node that this package runs on can do it.
// - The main entry as one file: Jest loads CommonJS by itself. Node takes the ES module by the condition "module-sync" for
//   import and require alike, so that a process never has two copies.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { buildSync } from 'esbuild'

const dist = resolve(import.meta.dirname, '..', 'dist')
const target = join(dist, 'commonjs')
const waiting = ['src/index.d.ts', 'src/operations/index.d.ts'].map((path) => join(dist, path))
const done = new Set()

while (waiting.length > 0) {
  const file = waiting.pop()
  if (done.has(file)) continue
  done.add(file)
  const copy = join(target, relative(dist, file))
  mkdirSync(dirname(copy), { recursive: true })
  cpSync(file, copy)
  for (const [, path] of readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g)) {
    waiting.push(resolve(dirname(file), path.replace(/\.[jt]s$/, '.d.ts')))
  }
}
writeFileSync(join(target, 'package.json'), '{ "type": "commonjs" }\n')

buildSync({
  entryPoints: [join(dist, 'src/index.js')],
  outfile: join(target, 'src/index.js'),
  bundle: true,
  packages: 'external',
  platform: 'node',
  format: 'cjs',
  target: 'node22',
  logLevel: 'warning',
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: 'const moduleUrl = require("node:url").pathToFileURL(__filename).href' },
})
