import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join, resolve } from 'node:path'
import { text } from 'node:stream/consumers'
import { nativeEngineInstalled, STAND_IN } from '../../tools/schema-engine/choose.ts'
import { until } from '../support/wait.ts'

/** Commands that go on until they are stopped. */
const STAYS = /\bworker$|^next start$/

/** An example in a folder of its own outside this repository, and the commands of its README. */
export interface Example {
  readonly folder: string
  /** The commands of the README's blocks of shell, block by block. */
  readonly blocks: readonly (readonly string[])[]
  /**
   * Runs a command as its README has it. One that stays is started, in the place of an earlier one of its kind; any other
   * has to end with status 0.
   * @returns what it printed
   */
  run(command: string): Promise<string>
  /** Stops the worker that was started. */
  stopWorker(): Promise<void>
  /** Stops what was started, and takes the folder away. */
  remove(): Promise<void>
}

/** How a layout differs from others. */
export interface Layout {
  /** Makes node_modules, as the command of the package manager would. */
  install(folder: string): Promise<void>
  /** Folder of programs that the machine need not have. */
  readonly programs?: string
  /** Commands that are run in another way than by a shell in the example's folder; undefined for all others. */
  instead?(command: string): { readonly cwd?: string; readonly command: string } | undefined
}

/**
 * Copies an example, as somebody has who cloned it.
 * @param env what its `.env` says
 */
export async function openExample(
  name: string,
  env: Readonly<Record<string, string>>,
  layout: Layout,
): Promise<Example> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), `writeback-example-${name}-`)))
  const source = resolve('examples', name)
  await cp(source, folder, {
    recursive: true,
    filter: (path) => !/^(node_modules|dist|generated|\.env)$/.test(basename(path)),
  })
  const running = new Map<string, ChildProcess>()
  const own = Object.fromEntries(
    Object.entries(process.env).filter(
      ([variable]) =>
        !/^(npm_|VITEST|NODE_ENV|NODE_OPTIONS|NODE_PATH|DATABASE_URL|SHEETS_|GOOGLE_)/i.test(variable),
    ),
  )
  const start = (given: string) => {
    const { cwd = '.', command } = layout.instead?.(given) ?? { command: given.replace(/\bnpx /, '') }
    const bin = join(folder, cwd, 'node_modules/.bin')
    return spawn(command, {
      shell: true,
      cwd: join(folder, cwd),
      // A group of its own, so that the shell and what it started can be stopped together.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...own,
        PATH: [dirname(process.execPath), bin, layout.programs, process.env.PATH]
          .filter((folder) => folder !== undefined)
          .join(delimiter),
        NO_COLOR: '1',
        CHECKPOINT_DISABLE: '1',
        ...(!nativeEngineInstalled() && { PRISMA_SCHEMA_ENGINE_BINARY: STAND_IN }),
      },
    })
  }
  const stop = async (kind: string) => {
    const child = running.get(kind)
    running.delete(kind)
    if (child?.pid === undefined || child.exitCode !== null) return
    const ended = new Promise((done) => child.once('close', done))
    process.kill(-child.pid, 'SIGTERM')
    await ended
  }
  return {
    folder,
    blocks: blocksOf(await readFile(join(source, 'README.md'), 'utf8')),
    async run(command) {
      if (/^(npm|pnpm) install$/.test(command)) {
        await layout.install(folder)
        return ''
      }
      const copied = /^cp (\S+)\.example (\S+)$/.exec(command)
      if (copied) {
        if (!existsSync(join(folder, `${copied[1]}.example`)))
          throw new Error(`${command}: there is no such file`)
        const lines = Object.entries(env).map(([variable, value]) => `${variable}=${value}\n`)
        await writeFile(join(folder, copied[2] as string), lines.join(''))
        return ''
      }
      const kind = STAYS.exec(command.replace(/^npx /, ''))?.[0]
      if (kind !== undefined) await stop(kind)
      const child = start(command)
      const output = Promise.all([text(child.stdout), text(child.stderr)])
      const ended = new Promise<number | null>((done) => child.once('close', done))
      if (kind === undefined) {
        const [code, [stdout, stderr]] = [await ended, await output]
        if (code !== 0) throw new Error(`${command} ended with ${code}:\n${stdout}\n${stderr}`)
        return stdout
      }
      running.set(kind, child)
      let said = ''
      child.stdout.on('data', (chunk) => {
        said += chunk
      })
      const isReady = () => {
        if (child.exitCode !== null) throw new Error(`${command} ended with ${child.exitCode}:\n${said}`)
        return /worker ready|server ready|Ready in/.test(said)
      }
      await until(`"${command}" is ready`, isReady, 60_000).catch(async (error) => {
        await stop(kind)
        throw new Error(`${messageOf(error)}\n${(await output).join('\n')}`)
      })
      return said
    },
    stopWorker: () => stop('worker'),
    async remove() {
      for (const kind of [...running.keys()]) await stop(kind)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

function blocksOf(readme: string): string[][] {
  return [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map((match) =>
    (match[1] as string).split('\n').filter((line) => line !== ''),
  )
}
