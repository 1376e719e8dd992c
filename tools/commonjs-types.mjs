// Part of the build: the declarations once more, in a folder that says that it is CommonJS. With `module: node16`, TypeScript
// refuses to `require` a package whose declarations are of an ES module, which every Node that this package runs on can do.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

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
