import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { Project } from './project.ts'
import type { SchemaBlock } from './schema-blocks.ts'
import { readTsconfig, type Tsconfig } from './tsconfig.ts'

/** How a project writes its modules, so that init writes what it can load and compile. */
export interface Style {
  readonly language: 'typescript' | 'javascript'
  /** What its JavaScript is, also where a compiler makes it. */
  readonly modules: 'esm' | 'commonjs'
  /** What the import of a TypeScript file ends in: `.ts`, `.js`, or nothing. */
  readonly extension: string
  /** Where the configuration belongs, from the root: beside package.json, or among the sources that are compiled. */
  readonly folder: '' | 'src'
}

/** Looks at package.json, tsconfig.json and the generated client. */
export function styleOf(project: Project, clientGenerator: SchemaBlock | undefined): Style {
  const tsconfig = readTsconfig(project.root)
  const isPlain = clientGenerator?.settings.provider === 'prisma-client-js' && tsconfig === undefined
  return {
    language: isPlain && !project.packages.has('typescript') ? 'javascript' : 'typescript',
    modules: project.isModule ? 'esm' : 'commonjs',
    extension: importExtension(tsconfig, clientGenerator),
    folder: tsconfig !== undefined && compilesSources(project.root, tsconfig) ? 'src' : '',
  }
}

/**
 * How generated files are imported: as the generated client imports its own; before there is one, as Prisma will choose for
 * it by the same rules.
 */
function importExtension(tsconfig: Tsconfig | undefined, clientGenerator: SchemaBlock | undefined): string {
  const { provider, output, importFileExtension } = clientGenerator?.settings ?? {}
  if (importFileExtension !== undefined) return importFileExtension === '' ? '' : `.${importFileExtension}`
  if (provider === 'prisma-client' && clientGenerator !== undefined && output !== undefined) {
    const generated = join(dirname(clientGenerator.file), output, 'client.ts')
    if (existsSync(generated)) {
      return /from ["']\.\/[^"']+?(\.[cm]?[jt]s)["']/.exec(readFileSync(generated, 'utf8'))?.[1] ?? ''
    }
  }
  if (tsconfig === undefined) return '.ts'
  const { allowImportingTsExtensions, rewriteRelativeImportExtensions, moduleResolution, module } =
    tsconfig.options
  if (allowImportingTsExtensions || rewriteRelativeImportExtensions) return '.ts'
  const isBundler = String(moduleResolution).toLowerCase() === 'bundler'
  return isBundler || String(module).toLowerCase() === 'commonjs' ? '' : '.js'
}

/**
 * Whether only what is in `src` is compiled, into a folder of its own: a configuration outside would not be among it, or
 * would move everything one folder deeper.
 */
function compilesSources(root: string, { options, include }: Tsconfig): boolean {
  if (existsSync(join(root, 'nest-cli.json'))) return true
  if (options.noEmit || !existsSync(join(root, 'src'))) return false
  if (typeof options.rootDir === 'string') return resolve(root, options.rootDir) === join(root, 'src')
  return typeof options.outDir === 'string' && !!include?.every((path) => /^(\.\/)?src(\/|$)/.test(path))
}
