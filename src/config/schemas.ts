/** Where the library's and pg-boss's objects live in the database. */
export interface Schemas {
  /** Postgres schema of the `sync_` tables and functions. */
  readonly library: string
  /** Postgres schema of pg-boss. */
  readonly queue: string
}

export const DEFAULT_SCHEMAS: Schemas = { library: 'public', queue: 'pgboss' }
