import { execFile, spawn } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { nativeEngineInstalled, STAND_IN } from '../../tools/schema-engine/choose.ts'

const run = promisify(execFile)

/** A folder outside this repository in which a user has a project. */
export interface ConsumerProject {
  readonly folder: string
  /** Environment of everything that runs there: this Node, and nothing of this repository's packages. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Sets a variable for what is started from now on. */
  set(variable: string, value: string): void
  write(path: string, text: string): Promise<void>
  read(path: string): Promise<string>
  /** Runs a program that the project's packages brought, or npm. Throws with what it printed. */
  run(program: string, ...args: string[]): Promise<string>
  /** Starts a program that goes on until it is stopped. */
  start(program: string, ...args: string[]): RunningProgram
  remove(): Promise<void>
}

/** A program that goes on until it is stopped. */
export interface RunningProgram {
  /** What it has printed. */
  said(): string
  /** Ends it with SIGTERM, or another signal. */
  stop(signal?: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

/** Options of tsc: with several checkers, each checks what the others import, too. */
export const ONE_CHECKER = ['--checkers', '1'] as const

/** Makes an empty project in a temporary folder. */
export async function makeProject(env: Readonly<Record<string, string>>): Promise<ConsumerProject> {
  const folder = await mkdtemp(join(tmpdir(), 'writeback-consumer-'))
  const own = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(npm_|VITEST|NODE_ENV|NODE_OPTIONS|NODE_PATH)/i.test(name),
    ),
  )
  const bin = join(folder, 'node_modules', '.bin')
  const environment: Record<string, string | undefined> = {
    ...own,
    PATH: [dirname(process.execPath), bin, process.env.PATH].join(delimiter),
    NO_COLOR: '1',
    CHECKPOINT_DISABLE: '1',
    ...(!nativeEngineInstalled() && { PRISMA_SCHEMA_ENGINE_BINARY: STAND_IN }),
    ...env,
  }
  return {
    folder,
    env: environment,
    set(variable, value) {
      environment[variable] = value
    },
    async write(path, text) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    },
    read: (path) => readFile(join(folder, path), 'utf8'),
    async run(program, ...args) {
      try {
        const { stdout } = await run(program, args, { cwd: folder, env: environment, maxBuffer: 32 << 20 })
        return stdout
      } catch (error) {
        const { stdout, stderr } = error as { stdout?: string; stderr?: string }
        throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}\n${stderr}`, { cause: error })
      }
    },
    start(program, ...args) {
      const child = spawn(program, args, {
        cwd: folder,
        env: environment,
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((done, reject) => {
        child.once('error', reject)
        child.once('close', (code, signal) => done({ code, signal }))
      })
      let said = ''
      child.stdout.on('data', (chunk) => {
        said += chunk
      })
      return {
        said: () => said,
        stop(signal = 'SIGTERM') {
          child.kill(signal)
          return ended
        },
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
