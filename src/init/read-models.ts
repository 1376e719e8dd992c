import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { messageOf, WritebackError } from '../errors.ts'
import type { DataModel } from '../model/data-model.ts'
import { generatorProgram } from './library-files.ts'
import type { Project } from './project.ts'

const run = promisify(execFile)

/**
 * Has the project's own Prisma read the schema as it will be, in a copy outside the project: that finds the models, and
 * whatever in the schema does not go together with the library's tables, before anything is changed.
 *
 * @param files text of the schema's files after the changes, by absolute path
 * @throws WritebackError `CONFIG_INVALID` with Prisma's words when it does not accept the schema, or cannot run
 */
export async function readModels(project: Project, files: ReadonlyMap<string, string>): Promise<DataModel> {
  const folder = await mkdtemp(join(tmpdir(), 'writeback-init-'))
  try {
    const base = project.schemaIsFolder ? project.schemaPath : dirname(project.schemaPath)
    for (const [path, text] of files) {
      const copy = join(folder, 'schema', relative(base, path))
      await mkdir(dirname(copy), { recursive: true })
      await writeFile(copy, text)
    }
    const first = [...files.keys()][0] as string
    const probed = join(folder, 'schema', relative(base, first))
    await writeFile(probed, `${files.get(first)}\n${probe(join(folder, 'out'))}`)
    await generate(project, project.schemaIsFolder ? join(folder, 'schema') : probed)
    const source = await readFile(join(folder, 'out', 'data-model.ts'), 'utf8')
    // The module is one constant in JSON; reading it as such works with every Node.
    return JSON.parse(source.slice(source.indexOf('= {') + 2)) as DataModel
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const PROBE = 'writeback_init_probe'

function probe(output: string): string {
  const provider = JSON.stringify(`"${process.execPath}" "${generatorProgram()}"`)
  return `generator ${PROBE} {\n  provider = ${provider}\n  output = ${JSON.stringify(output)}\n}\n`
}

async function generate(project: Project, schema: string): Promise<void> {
  try {
    await run(
      process.execPath,
      [project.prismaCli, 'generate', '--schema', schema, '--generator', PROBE, '--no-hints'],
      {
        cwd: project.root,
        // Nobody reads its advice here, so that it need not ask the internet for a newer version either.
        env: { ...process.env, NO_COLOR: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1', CHECKPOINT_DISABLE: '1' },
      },
    )
  } catch (error) {
    const { stderr } = error as { stderr?: string }
    const got = messageOf(stderr || error)
    // P1012 is Prisma's code of a schema with errors. Anything else, such as an engine that it cannot download, says
    // nothing of the schema.
    throw new WritebackError('CONFIG_INVALID', {
      problem: got.includes('P1012')
        ? "Prisma does not accept the schema together with the library's tables"
        : 'Prisma could not read the schema; "npx prisma generate" shows whether it can without the library',
      got,
      remedy: 'Nothing has been changed',
      cause: error,
    })
  }
}
