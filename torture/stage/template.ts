import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand } from './command.ts'
import { startDatabase } from './database.ts'

/** What several runs share: it costs more processor time than all else that a stage needs. */
export interface Template {
  /** A cluster in which every migration has run, to be copied; beside it a cache of compiled modules. */
  readonly folder: string
  remove(): void
}

/** @returns the cluster of a template, and where Node keeps compiled modules */
export function templatePaths(folder: string): { cluster: string; compiled: string } {
  return { cluster: join(folder, 'cluster'), compiled: join(folder, 'compiled') }
}

export async function makeTemplate(): Promise<Template> {
  const folder = mkdtempSync(join(tmpdir(), 'writeback-torture-template-'))
  // Postgres may run as another user, who has to get through.
  chmodSync(folder, 0o711)
  const remove = () => rmSync(folder, { recursive: true, force: true })
  try {
    const { cluster, compiled } = templatePaths(folder)
    const database = await startDatabase({ dataDir: cluster })
    try {
      await runCommand(['migrate'], migrationEnvironment(database.url, compiled), folder)
    } finally {
      await database.stop()
    }
    return { folder, remove }
  } catch (error) {
    remove()
    throw error
  }
}

function migrationEnvironment(url: string, compiled: string): Record<string, string> {
  return {
    DATABASE_URL: url,
    WRITEBACK_CONFIG: 'torture/config.ts',
    // Nothing is sent there.
    SHEETS_API_URL: 'http://127.0.0.1:9',
    NODE_COMPILE_CACHE: compiled,
    NO_COLOR: '1',
  }
}
