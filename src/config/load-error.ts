import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type ErrorParts, messageOf } from '../errors.ts'

/** The oldest Node that strips types. */
const STRIPS_TYPES = '22.18'

const BUILT = 'name a built file with --config or WRITEBACK_CONFIG'

interface LoadError {
  readonly code?: unknown
  readonly message?: unknown
  readonly stack?: unknown
  readonly url?: unknown
}

/**
 * Says why a configuration does not load, and what to do about it. Each cause has its own sentence: a remedy that may not
 * be the right one is worse than none.
 *
 * @param error what the import threw
 * @param file path of the configuration
 * @param parsed path of the file that was loaded last, which is the one that does not parse
 */
export function explainLoadError(error: unknown, file: string, parsed: string = file): ErrorParts {
  const { code, message } = (typeof error === 'object' && error !== null ? error : {}) as LoadError
  const text = typeof message === 'string' ? message : ''
  const cause = error
  switch (code) {
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return {
        problem: `${file} does not load: this Node does not run TypeScript`,
        expected: `Node ${STRIPS_TYPES} or newer`,
        got: `${process.versions.node} (${process.execPath})`,
        remedy: `Use a newer Node, or ${BUILT}`,
        cause,
      }
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return {
        problem: `${file} does not load: Node strips types, and cannot do that in ${placeIn(error) ?? parsed}`,
        got: messageOf(error),
        remedy: `Write it without that syntax, start with NODE_OPTIONS=--import=tsx, or ${BUILT}`,
        cause,
      }
    case 'ERR_MODULE_NOT_FOUND':
    case 'MODULE_NOT_FOUND':
    case 'ERR_UNSUPPORTED_DIR_IMPORT':
      return { ...missing(error as LoadError, text, file), cause }
    case 'ERR_REQUIRE_ESM':
    case 'ERR_REQUIRE_ASYNC_MODULE':
      return {
        problem: `${file} does not load: it requires a module that can only be imported`,
        got: messageOf(error),
        remedy: 'Use import instead of require, in a file that ends in .mjs or .mts',
        cause,
      }
  }
  if (error instanceof SyntaxError) return { ...unparsable(error, file, parsed), cause }
  const notThere = /^(require|module|exports|__dirname|__filename) is not defined/.exec(text)?.[1]
  if (error instanceof ReferenceError && notThere) {
    return {
      problem: `${file} does not load: ${placeIn(error) ?? 'a module'} uses ${notThere}, which an ES module does not have`,
      remedy: 'Use import, export and import.meta.dirname, or end the name of the file in .cjs',
      cause,
    }
  }
  return {
    problem: `${file} threw an error when it was loaded`,
    got: typeof error === 'object' && error !== null ? messageOf(error) : 'something that is no error',
    remedy: remedyIn(placeIn(error)),
    cause,
  }
}

function remedyIn(place: string | undefined): string {
  return place === undefined ? 'Correct what it runs' : `Correct it in ${place}`
}

/** A module that is not there: a package, the generated client, or any other file. */
function missing(error: LoadError, text: string, file: string): ErrorParts {
  const wanted = /Cannot find (?:module|package) '([^']+)'/.exec(text)?.[1]
  const named = typeof error.url === 'string' && error.url.startsWith('file:') ? error.url : undefined
  const path = named ? fileURLToPath(named) : wanted
  const parent = /imported from (\S+)/.exec(text)?.[1] ?? /Require stack:\s*- (\S+)/.exec(text)?.[1]
  const by = parent === undefined || parent === file ? '' : `, which ${parent} imports`
  const problem = `${file} does not load: there is no ${path ?? 'such module'}${by}`
  if (path === undefined) return { problem, got: messageOf(error) }
  if (isGenerated(path)) return { problem, remedy: 'Run "npx prisma generate"' }
  if (/^[@~#]\//.test(path)) {
    return {
      problem: `${file} does not load: ${path} is an alias of tsconfig.json, which Node does not know`,
      remedy: `Import it by its relative path, or ${BUILT}`,
    }
  }
  const isPackage = !/^([./\\]|[A-Za-z]:)/.test(path)
  if (isPackage) return { problem, remedy: `Install it with: npm install ${packageOf(path)}` }
  const source = path.replace(/\.([cm]?)js$/, '.$1ts')
  if (source !== path && existsSync(source)) {
    return {
      problem: `${problem}, but ${source} beside it, which this Node does not take for it`,
      expected: `Node ${STRIPS_TYPES} or newer`,
      got: process.versions.node,
      remedy: `Use a newer Node, or ${BUILT}`,
    }
  }
  return { problem, remedy: 'Correct the path' }
}

/** What `prisma generate` writes: the client of either generator, and the data model. */
function isGenerated(path: string): boolean {
  if (/^(@prisma\/client|\.prisma\/client)/.test(path)) return path.startsWith('.prisma')
  const name = path.replace(/\.[cm]?[jt]s$/, '').replaceAll('\\', '/')
  if (/\/data-model$/.test(name)) return true
  return (
    /\/(client|index|enums|browser|models)$|\/(generated|prisma)\/[^/]+$/.test(name) &&
    !existsSync(dirname(path))
  )
}

/** `@scope/name/entry`: `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
}

/** Code that does not parse, or imports a name that is not exported: Node's words, and where. */
function unparsable(error: SyntaxError, file: string, parsed: string): ErrorParts {
  const text = messageOf(error)
  const place = headOf(error.stack) ?? checkedBy(parsed) ?? parsed
  if (/Cannot use import statement outside a module|Unexpected token 'export'/.test(text)) {
    return {
      problem: `${file} does not load: ${place} uses import or export, and its package.json says that it is CommonJS`,
      remedy: 'End the name of the file in .mjs or .mts, or use require and module.exports',
    }
  }
  if (/does not provide an export named|Named export .* not found/.test(text)) {
    return { problem: `${file} does not load: ${place}`, got: text, remedy: 'Correct what it imports' }
  }
  return {
    problem: `${file} does not load: ${place} is not ${/\.[cm]?ts/.test(place) ? 'TypeScript' : 'JavaScript'} that parses`,
    got: text,
    remedy: remedyIn(place),
  }
}

/** `file:line` that Node puts above the stack of what it cannot parse. */
function headOf(stack = ''): string | undefined {
  const head = stack.split('\n', 1)[0] ?? ''
  return /^(file:|[/\\]|[A-Za-z]:[/\\]).*:\d+$/.test(head) ? pathOf(head) : undefined
}

/** Where Node's own check finds what does not parse: errors of ES modules do not say it. */
function checkedBy(path: string): string | undefined {
  const { stderr } = spawnSync(process.execPath, ['--check', path], { encoding: 'utf8' })
  return headOf(stderr.trimStart())
}

/** `file:line:column` of the application's own code that threw. */
function placeIn(error: unknown): string | undefined {
  const { stack } = (typeof error === 'object' && error !== null ? error : {}) as { stack?: unknown }
  if (typeof stack !== 'string') return undefined
  const lines = stack.split('\n')
  const own = lines.find(
    (line) => /^\s+at /.test(line) && !/node_modules|node:|\((native|<anonymous>)\)/.test(line),
  )
  const place = own && /\(?((?:file:|[/\\]|[A-Za-z]:[/\\])[^()]*:\d+:\d+)\)?$/.exec(own)?.[1]
  return place ? pathOf(place) : headOf(stack)
}

function pathOf(place: string): string {
  const [, url = place, position = ''] = /^(.*?)((?::\d+)+)$/.exec(place) ?? []
  return `${url.startsWith('file:') ? fileURLToPath(url) : url}${position}`
}
