import { execFile } from 'node:child_process'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** A block of TypeScript in a text for people. */
export interface Snippet {
  /** The text it stands in. */
  readonly document: string
  /** Line of its first line, from 1. */
  readonly line: number
  readonly code: string
}

/** README and docs. */
export function documents(): string[] {
  return ['README.md', ...globSync('docs/**/*.md').sort()]
}

/** The blocks of a text that are marked `ts`. */
export function snippetsOf(document: string, text: string): Snippet[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((match) => ({
    document,
    line: text.slice(0, match.index).split('\n').length + 1,
    code: match[1] as string,
  }))
}

/** What a snippet may use without saying where it comes from: what the text around it has introduced. */
const INTRODUCED = `
import * as api from 'prisma-writeback'
import * as client from './src/generated/client/client.ts'
import { PrismaPg } from '@prisma/adapter-pg'
import { dataModel } from './src/generated/writeback/data-model.ts'
import shared from './writeback.config.ts'
const builder = api.forClient<client.PrismaClient>(dataModel)
declare global {
  type PrismaClient = client.PrismaClient
  var PrismaClient: typeof client.PrismaClient
  var adapter: PrismaPg
  var config: typeof shared
  var prisma: client.PrismaClient
  var where: { id: string }
  var data: { comment: string }
  var writeback: typeof api.writeback
  var runWithContext: typeof api.runWithContext
  var sheetTarget: typeof builder.sheetTarget
}
`

/**
 * Type-checks snippets as modules of an application beside its generated client, with strict settings.
 * @returns one line for every error: `document:line message`
 */
export async function typeErrors(snippets: readonly Snippet[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'writeback-docs-'))
  try {
    const names = new Map(snippets.map((snippet, at) => [`snippet-${at}.ts`, snippet]))
    await writeFiles(folder, {
      'package.json': '{ "type": "module" }',
      'tsconfig.json': JSON.stringify(settings([...names.keys()])),
      'introduced.d.ts': INTRODUCED,
      'writeback.config.ts': `export { default } from '${resolve('writeback.config.ts')}'`,
      'auth.ts': 'export const signedIn = async (_: Request) => ({ email: "", isAdmin: true })',
      'src/generated/client/client.ts': `export * from '${resolve('prisma/generated/client/client.ts')}'`,
      'src/generated/writeback/data-model.ts': `export * from '${resolve('prisma/generated/writeback/data-model.ts')}'`,
      // Lines in front put every line where it stands in its document.
      ...Object.fromEntries(
        [...names].map(([name, { line, code }]) => [name, `${'\n'.repeat(line - 1)}${code}\nexport {}\n`]),
      ),
    })
    await symlink(resolve('node_modules'), join(folder, 'node_modules'))
    const output = await tsc(folder)
    return output.split('\n').flatMap((line) => {
      const [, file = '', at, message] = /^(\S+?)\((\d+),\d+\): error (.*)$/.exec(line) ?? []
      if (message === undefined) return line.includes('error') ? [line] : []
      return [`${names.get(file)?.document ?? file}:${at} ${message}`]
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** The repository's own settings; the package's entries are its sources. */
function settings(files: string[]): object {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    exports: Record<string, string | { import: { types: string } }>
  }
  const paths = Object.entries(exports).flatMap(([entry, to]) =>
    typeof to === 'string'
      ? []
      : [[entry.replace('.', 'prisma-writeback'), [sourceOf(to.import.types)]] as const],
  )
  return {
    extends: resolve('tsconfig.json'),
    compilerOptions: {
      paths: Object.fromEntries(paths),
      noUnusedLocals: false,
      rewriteRelativeImportExtensions: false,
    },
    include: [],
    files: ['introduced.d.ts', ...files],
  }
}

function sourceOf(types: string): string {
  const source = resolve(types.replace('./dist/', '').replace('.d.ts', '.ts'))
  if (!existsSync(source)) throw new Error(`package.json exports ${types}, which nothing is built to`)
  return source
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
}

async function tsc(folder: string): Promise<string> {
  const cli = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc')
  try {
    // One checker: each of several would check what the others import, too.
    const options = ['-p', folder, '--noEmit', '--checkers', '1']
    return (await run(process.execPath, [cli, ...options], { cwd: folder })).stdout
  } catch (error) {
    return (error as { stdout: string }).stdout
  }
}
