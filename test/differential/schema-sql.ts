import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { STAND_IN } from '../../tools/schema-engine/choose.ts'

/** What is used of tools/schema-engine, which is JavaScript. */
interface SchemaEngine {
  createEngine(
    factory: object,
    datamodels: readonly [],
    onLog: () => void,
  ): Promise<{ diff(params: object): Promise<{ stdout: string }> }>
}
interface SchemaEngineDatabase {
  readonly MigrationAdapterFactory: new (url: string) => { close(): Promise<void> }
}
const load = (name: string) => import(new URL(name, pathToFileURL(STAND_IN)).href)

/**
 * The SQL that makes the tables of a schema, as `prisma migrate diff --from-empty --script` writes it: the same engine, in
 * this process. The command would start two processes, which take ten times as long as the engine.
 *
 * @param folder of schema files
 * @param url any Postgres database; the engine wants one
 */
export async function tablesOf(folder: string, url: string): Promise<string> {
  const { createEngine }: SchemaEngine = await load('./engine.mjs')
  const { MigrationAdapterFactory }: SchemaEngineDatabase = await load('./database.mjs')
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.prisma')).sort()
  const files = await Promise.all(
    names.map(async (name) => ({ path: name, content: await readFile(join(folder, name), 'utf8') })),
  )
  const factory = new MigrationAdapterFactory(url)
  try {
    const engine = await createEngine(factory, [], () => {})
    const { stdout } = await engine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      shadowDatabaseUrl: null,
      filters: { externalTables: [], externalEnums: [] },
    })
    return stdout
  } finally {
    await factory.close()
  }
}
