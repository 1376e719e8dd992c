import { existsSync, readFileSync } from 'node:fs'
import nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'

/** Programs that load TypeScript in their own way, where Node was started with one. */
const OTHER_LOADERS = /\b(tsx|ts-node|swc|esbuild|jiti)\b/

/** What TypeScript calls a file, and what the file that it is compiled to is called. */
const COMPILED: readonly (readonly [RegExp, string])[] = [
  [/\.js$/, '.ts'],
  [/\.mjs$/, '.mts'],
  [/\.cjs$/, '.cts'],
  [/$/, '.ts'],
  [/$/, '.js'],
  [/\/?$/, '/index.ts'],
  [/\/?$/, '/index.js'],
]

const ESM_SYNTAX = /^\s*(import[\s{*'"]|export[\s{*])/m

let last: string | undefined
let done = false

/** The file that Node loaded last: the one that does not parse, when one does not. */
export function lastLoaded(): string | undefined {
  return last
}

/**
 * Lets Node load an application's TypeScript as its compiler understands it, for the configuration and what it imports:
 * - `./client.js` and `./client` are `./client.ts` where there is no such file;
 * - `import` and `export` are what they look like in a CommonJS package, where they would be compiled to `require`.
 *
 * Nothing changes for files that Node finds by itself, for packages, or where another loader does this. Node has the hooks
 * for it since 22.15, and strips types since 22.18.
 */
export function understandTypeScriptImports(): void {
  const { registerHooks } = nodeModule
  const options = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ')
  if (done || typeof registerHooks !== 'function' || OTHER_LOADERS.test(options)) return
  done = true
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context)
      } catch (error) {
        const found = sourceOf(specifier, context.parentURL)
        if (found === undefined) throw error
        return next(found, context)
      }
    },
    load(url, context, next) {
      if (url.startsWith('file:')) last = url
      const typed = /\.c?ts$/.test(url) && !url.includes('/node_modules/')
      if (!typed || context.format === 'module-typescript') return next(url, context)
      const isModule = ESM_SYNTAX.test(readFileSync(fileURLToPath(url), 'utf8'))
      return next(url, isModule ? { ...context, format: 'module-typescript' } : context)
    },
  })
}

function sourceOf(specifier: string, parent: string | undefined): string | undefined {
  if (!/^\.{1,2}(\/|$)/.test(specifier) || !parent?.startsWith('file:')) return undefined
  if (parent.includes('/node_modules/')) return undefined
  const urls = COMPILED.filter(([pattern]) => pattern.test(specifier)).map(
    ([pattern, source]) => new URL(specifier.replace(pattern, source), parent),
  )
  return urls.find((url) => existsSync(url))?.href
}
