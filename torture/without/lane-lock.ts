import pg from 'pg'
import type { Sql } from '../../src/database/sql.ts'
import type { LaneLock } from '../../src/lane/lock.ts'

export type { LaneLock } from '../../src/lane/lock.ts'

/** Gives every lane to everybody. */
export class LaneLocks {
  readonly #pool: pg.Pool
  readonly sql: Sql = {
    query: async (text, values) => (await this.#pool.query(text, values && [...values])).rows,
  }

  constructor(databaseUrl: string) {
    this.#pool = new pg.Pool({ connectionString: databaseUrl, max: 2 })
    this.#pool.on('error', () => {})
  }

  async acquire(): Promise<LaneLock> {
    return {
      lost: new AbortController().signal,
      sql: this.sql,
      isWanted: async () => false,
      release: async () => {},
    }
  }

  async close(): Promise<void> {
    await this.#pool.end()
  }
}
