import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const OURS = 'prisma-writeback'
const INSTALLED = resolve('node_modules')

/*
 * What an installation would put into node_modules, without a registry: the packed package as it is, and links to the
 * packages that this repository has installed.
 */

/** As npm lays it out: every package in one folder. */
export async function linkFlat(project: string, tarball: string): Promise<void> {
  const modules = join(project, 'node_modules')
  await mkdir(join(modules, '.bin'), { recursive: true })
  for (const name of await packages()) await link(name, modules)
  await unpack(tarball, join(modules, OURS))
  for (const name of await readdir(join(INSTALLED, '.bin'))) {
    await symlink(join(INSTALLED, '.bin', name), join(modules, '.bin', name))
  }
  for (const [name, path] of await programs(join(modules, OURS))) {
    await symlink(join('..', OURS, path), join(modules, '.bin', name))
  }
}

/**
 * As pnpm lays it out: a package sees what its package.json names and nothing else, packages are links into a store, and
 * programs are shell scripts.
 */
export async function linkAsPnpm(
  root: string,
  packageFolders: readonly string[],
  tarball: string,
): Promise<void> {
  const store = join(root, 'node_modules/.pnpm', `${OURS}@file`, 'node_modules')
  await mkdir(store, { recursive: true })
  await unpack(tarball, join(store, OURS))
  const { dependencies, peerDependencies } = await manifest(join(store, OURS))
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) await link(name, store)
  for (const folder of packageFolders) {
    const modules = join(root, folder, 'node_modules')
    await mkdir(join(modules, '.bin'), { recursive: true })
    const { dependencies: own, devDependencies } = await manifest(join(root, folder))
    for (const [name, version] of Object.entries({ ...own, ...devDependencies })) {
      const workspace = packageFolders.find(
        (one) => version === 'workspace:*' && name.endsWith(`/${one.split('/')[1]}`),
      )
      const source = workspace ? join(root, workspace) : name === OURS ? join(store, OURS) : undefined
      await link(name, modules, source)
      if (workspace === undefined) await writePrograms(modules, name)
    }
  }
}

async function packages(): Promise<string[]> {
  return (await readdir(INSTALLED)).filter((name) => !name.startsWith('.') && name !== OURS)
}

async function link(name: string, modules: string, source = join(INSTALLED, name)): Promise<void> {
  await mkdir(dirname(join(modules, name)), { recursive: true })
  await symlink(source, join(modules, name), 'dir')
}

async function unpack(tarball: string, into: string): Promise<void> {
  await mkdir(into, { recursive: true })
  await run('tar', ['-xzf', tarball, '-C', into, '--strip-components=1'])
  for (const [, path] of await programs(into)) await chmod(join(into, path), 0o755)
}

interface Manifest {
  readonly name: string
  readonly bin?: string | Readonly<Record<string, string>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

async function manifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
}

async function programs(folder: string): Promise<[name: string, path: string][]> {
  const { name, bin = {} } = await manifest(folder)
  return Object.entries(typeof bin === 'string' ? { [name]: bin } : bin)
}

async function writePrograms(modules: string, name: string): Promise<void> {
  for (const [program, path] of await programs(join(modules, name))) {
    const file = join(modules, '.bin', program)
    const script = `#!/bin/sh\nbasedir=$(dirname "$0")\nexec node "$basedir/../${join(name, path)}" "$@"\n`
    await writeFile(file, script, { mode: 0o755 })
  }
}
