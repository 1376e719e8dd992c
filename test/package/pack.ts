import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { until } from '../support/wait.ts'

const run = promisify(execFile)
const ROOT = resolve(import.meta.dirname, '../..')
const CACHE = join(ROOT, 'node_modules/.cache/pack')

/** What `npm pack` made. */
export interface Packed {
  /** Absolute path of the tarball. */
  readonly tarball: string
  /** Paths inside the package. */
  readonly files: readonly string[]
}

/**
 * Builds and packs this repository, as `npm publish` does, once for all tests of a run; without `prepare`, which would
 * write the generated client again under the feet of other tests.
 */
export async function pack(): Promise<Packed> {
  // The process that started this worker, and the others, is the run.
  const folder = join(CACHE, String(process.ppid))
  const result = join(folder, 'result.json')
  await mkdir(CACHE, { recursive: true })
  try {
    await mkdir(folder)
  } catch {
    await until('another test file has packed the package', () => existsSync(result), 240_000)
    return JSON.parse(await readFile(result, 'utf8'))
  }
  try {
    await run('npm', ['run', 'build'], { cwd: ROOT })
    const { stdout } = await run(
      'npm',
      ['pack', '--ignore-scripts', '--json', '--pack-destination', folder],
      { cwd: ROOT, maxBuffer: 32 << 20 },
    )
    // npm 12 lists what it packed by name, older ones one after the other.
    const [packed] = Object.values(JSON.parse(stdout) as object) as [
      { filename: string; files: { path: string }[] },
    ]
    const made = { tarball: join(folder, packed.filename), files: packed.files.map(({ path }) => path) }
    await writeFile(`${result}.new`, JSON.stringify(made))
    await rename(`${result}.new`, result)
    return made
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

/** Takes away what a run has packed. */
export async function forgetPacked(mainProcess: number): Promise<void> {
  await rm(join(CACHE, String(mainProcess)), { recursive: true, force: true })
}
