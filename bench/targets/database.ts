import { DEFAULT_SCHEMAS } from '../../src/config/schemas.ts'
import { ticketSequenceSql } from '../../src/lane/tickets.ts'
import { startEmbeddedPostgres } from '../../tools/embedded-postgres.ts'
import { applyMigrations } from '../../tools/migrate.ts'
import { query } from '../peers/database.ts'

/** A Postgres server that the kinds share. */
export interface BenchDatabase {
  /** Makes a database with the library's tables. @returns its url */
  create(name: string): Promise<string>
  stop(): Promise<void>
}

/** Starts it, with commits that reach the disk. */
export async function startDatabase(): Promise<BenchDatabase> {
  const postgres = await startEmbeddedPostgres({ fsync: true })
  return {
    async create(name) {
      const url = await postgres.createDatabase(name)
      await applyMigrations(url)
      await query(url, ticketSequenceSql(DEFAULT_SCHEMAS))
      return url
    },
    stop: () => postgres.stop(),
  }
}
