import { cp, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

const LIBRARY_SCHEMA = new URL('../../prisma/schema/writeback.prisma', import.meta.url)

/** Where the generators of a copied schema write, beside it. */
export const CLIENT_FOLDER = 'client'
export const DATA_MODEL_FOLDER = 'writeback'

/**
 * Copies a schema (a file or a folder) to `folder/schema`, so that it can be generated from without touching the
 * application it belongs to: its generators give way to Prisma Client's and ours, connection urls go (Prisma 7 takes
 * them from its config), and the library's own models are added where they are not there.
 *
 * @returns the folder of the copy
 */
export async function copySchema(path: string, folder: string): Promise<string> {
  const copy = join(folder, 'schema')
  await mkdir(copy, { recursive: true })
  const isFolder = (await stat(path)).isDirectory()
  if (isFolder)
    await cp(path, copy, {
      recursive: true,
      filter: (file) => !/\/(migrations|node_modules)(\/|$)/.test(file),
    })
  else await cp(path, join(copy, basename(path)))

  const files = (await readdir(copy, { recursive: true })).filter((name) => name.endsWith('.prisma'))
  const features = new Set<string>()
  let schemas: string[] = []
  let hasLibrary = false
  for (const name of files) {
    const file = join(copy, name)
    const text = await readFile(file, 'utf8')
    for (const block of blocks(text, 'generator'))
      for (const feature of listOf(block, 'previewFeatures')) features.add(feature)
    for (const block of blocks(text, 'datasource')) schemas = listOf(block, 'schemas')
    hasLibrary ||= /^\s*model\s+SyncTarget\b/m.test(text)
    await writeFile(file, withoutUrls(withoutBlocks(text, 'generator')))
  }
  if (!hasLibrary) {
    await writeFile(join(copy, 'writeback.prisma'), inSchema(await readFile(LIBRARY_SCHEMA, 'utf8'), schemas))
  }
  await writeFile(
    join(copy, 'generators.prisma'),
    generators([...features].filter((one) => !SETTLED.has(one))),
  )
  return copy
}

/** Preview features that Prisma 7 has made plain, and refuses to be asked for. */
const SETTLED = new Set([
  'multiSchema',
  'driverAdapters',
  'queryCompiler',
  'prismaSchemaFolder',
  'omitApi',
  'jsonProtocol',
])

function generators(features: readonly string[]): string {
  return `generator client {
  provider            = "prisma-client"
  output              = "../${CLIENT_FOLDER}"
  runtime             = "nodejs"
  moduleFormat        = "esm"
  importFileExtension = "ts"
  previewFeatures     = ${JSON.stringify(features)}
}

generator writeback {
  provider = "node src/generator/main.ts"
  output   = "../${DATA_MODEL_FOLDER}"
}
`
}

function blocks(text: string, keyword: string): string[] {
  return [...text.matchAll(blockPattern(keyword))].map((match) => match[0])
}

function withoutBlocks(text: string, keyword: string): string {
  return text.replace(blockPattern(keyword), '')
}

function blockPattern(keyword: string): RegExp {
  return new RegExp(`^[ \\t]*${keyword}\\s+\\w+\\s*\\{[\\s\\S]*?^[ \\t]*\\}`, 'gm')
}

function withoutUrls(text: string): string {
  return text.replace(/^\s*(url|directUrl|shadowDatabaseUrl)\s*=.*$/gm, '')
}

function listOf(block: string, option: string): string[] {
  const list = new RegExp(`^\\s*${option}\\s*=\\s*\\[([^\\]]*)\\]`, 'm').exec(block)?.[1] ?? ''
  return [...list.matchAll(/"([^"]*)"/g)].map((match) => match[1] as string)
}

/** With several Postgres schemas every model has to name its own. */
function inSchema(text: string, schemas: readonly string[]): string {
  if (schemas.length === 0) return text
  const schema = schemas.includes('public') ? 'public' : schemas[0]
  return text.replace(/^((?:model|enum)\s+\w+\s*\{[\s\S]*?)^\}/gm, `$1\n  @@schema("${schema}")\n}`)
}
