// Part of the build: what CommonJS gets that cannot require ES modules, in a folder that says that it is CommonJS.
// - The declarations once more: with `module: node16`, TypeScript refuses to require a package whose declarations are of an
//   ES module, although every Node that this package runs on can do it.
// - Every entry as one file: Jest loads CommonJS by itself. Node takes the ES module by the condition "module-sync" for
//   import and require alike, so that a process never has two copies. Packages that are ES modules alone, such as pg-boss,
//   are in the files, and their licenses beside them.

import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative, resolve } from 'node:path'
import { build } from 'esbuild'

const root = resolve(import.meta.dirname, '..')
const dist = join(root, 'dist')
const target = join(dist, 'commonjs')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const entries = Object.values(manifest.exports)
  .map((conditions) => conditions.import?.default)
  .filter((path) => path !== undefined)
  .map((path) => relative('dist', path))

const waiting = entries.map((path) => join(dist, path.replace(/\.js$/, '.d.ts')))
const done = new Set()
while (waiting.length > 0) {
  const file = waiting.pop()
  if (done.has(file)) continue
  done.add(file)
  const copy = join(target, relative(dist, file))
  mkdirSync(dirname(copy), { recursive: true })
  cpSync(file, copy)
  const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '')
  for (const [, path] of code.matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']+)["']/g)) {
    waiting.push(resolve(dirname(file), path.replace(/\.[jt]s$/, '.d.ts')))
  }
}
writeFileSync(join(target, 'package.json'), '{ "type": "commonjs" }\n')

/** Whether CommonJS that Node does not load can require it. */
const isCommonJs = (name) => {
  try {
    const file = createRequire(join(root, 'package.json')).resolve(name)
    const { type } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'))
    return existsSync(file) && (file.endsWith('.cjs') || (file.endsWith('.js') && type !== 'module'))
  } catch {
    return false
  }
}
const packages = Object.keys(manifest.dependencies)
const peers = Object.keys(manifest.peerDependencies).flatMap((name) => [name, `${name}/*`])
const external = packages
  .filter(isCommonJs)
  .flatMap((name) => [name, `${name}/*`])
  .concat(peers)
const included = new Set()

/** Where a module finds the files beside it: in the folder that it came from. */
const places = (folder) => ({
  name: 'places',
  setup({ onLoad }) {
    onLoad({ filter: /dist\/.*\.js$/ }, ({ path }) => {
      const here = `require('node:path').join(__dirname, ${JSON.stringify(relative(folder, path))})`
      const contents = readFileSync(path, 'utf8')
        // A package that is in the file is required from there, and its manifest is that of this copy.
        .replaceAll(/createRequire\(import\.meta\.url\)\((['"][^'"]+['"])\)/g, 'require($1)')
        .replaceAll('import.meta.dirname', `require('node:path').dirname(${here})`)
        .replaceAll('import.meta.url', `require('node:url').pathToFileURL(${here}).href`)
      return { contents, loader: 'js' }
    })
  },
})

for (const entry of entries) {
  const outfile = join(target, entry)
  const { metafile, outputFiles } = await build({
    ...{ entryPoints: [join(dist, entry)], outfile, write: false, metafile: true, logLevel: 'warning' },
    ...{ bundle: true, external, platform: 'node', format: 'cjs', target: 'node22' },
    plugins: [places(dirname(outfile))],
  })
  mkdirSync(dirname(outfile), { recursive: true })
  writeFileSync(outfile, outputFiles[0].contents)
  for (const input of Object.keys(metafile.inputs)) {
    const name = /node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*node_modules)/.exec(input)?.[1]
    if (name !== undefined) included.add(name)
  }
}

const licenses = [...included].sort().map((name) => {
  const folder = join(root, 'node_modules', name)
  const file = readdirSync(folder).find((one) => /^licen[sc]e/i.test(one))
  if (file === undefined) throw new Error(`${name} has no license to be put into the package`)
  return `${name}\n\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
})
writeFileSync(join(target, 'LICENSES.txt'), licenses.join('\n---\n\n'))
