import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateSchema } from './generated.ts'

/** Writes the schema of a seed into a folder of its own while `work` runs with its path. */
export async function withGeneratedSchema<T>(seed: number, work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), `writeback-schema-${seed}-`))
  try {
    const { schema, sql } = generateSchema(seed)
    await writeFile(join(folder, 'schema.prisma'), schema)
    await writeFile(join(folder, 'differential.sql'), sql)
    return await work(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
