import { quoteTable } from '../../../database/quote.ts'
import type { Sql } from '../../../database/sql.ts'

/** What a look for edits did not find in a tab. As stored in `sync_target.place`, under `unseen`. */
export interface Unseen {
  /** The tab's title when it was last seen. */
  readonly tab: string
  /** Headers of columns that were not there; none where the tab itself was gone. */
  readonly headers: readonly string[]
  /** Where these columns had stood, by header. */
  readonly stood: Readonly<Record<string, number>>
  /** When it was first missed, in ISO 8601. */
  readonly since: string
  /** When the columns were there again in another place, as after a batch that had to add them; undefined while they lack. */
  readonly overAt?: string
}

/** What looks for edits miss, beside the rest that is stored of a target's place. */
export class UnseenStore {
  readonly #target: string

  /** @param schema Postgres schema of the `sync_` tables */
  constructor(schema: string) {
    this.#target = quoteTable(schema, 'sync_target')
  }

  /** @param unseen undefined when nothing is missed any more */
  async save(sql: Sql, target: string, unseen: Unseen | undefined): Promise<void> {
    await sql.query(
      `update ${this.#target} set place = (place - 'unseen') || $2::jsonb, updated_at = now() where name = $1`,
      [target, JSON.stringify(unseen === undefined ? {} : { unseen })],
    )
  }
}
