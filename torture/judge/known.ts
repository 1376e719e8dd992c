import type { Facts } from '../people/facts.ts'
import type { Stage } from '../stage/stage.ts'
import { TOO_LONG } from '../writes/poison.ts'

/** What the harness knows of a run besides sheets and tables. */
export interface Known {
  readonly facts: Facts
  /** Requests whose comment no cell took, once; and those of which that is so now. */
  readonly everPoisoned: ReadonlySet<string>
  readonly poisoned: ReadonlySet<string>
  /** `target key` of records that lost their row once: what people had written beside them went with it. */
  readonly gone: ReadonlySet<string>
  /** Conflicts that are listed as open, by `target key header`: since when, and of what. */
  readonly listed: ReadonlyMap<string, string>
  /** Edits that are listed as refused, by `target key header`; of a new row without a header. */
  readonly refused: ReadonlySet<string>
  /** Whether workers were ended: what one had to put right after a race nobody else may know of. */
  readonly workersEnded: boolean
  /** Sheet ids of the tabs, by target. */
  readonly sheetIds: ReadonlyMap<string, number>
}

/** Faults after which a worker does not go on with what it did. */
const ENDS_WORKERS = /^worker (killed|terminated|stopped and)|^deploy/

export async function whatIsKnown(
  { database }: Stage,
  facts: Facts,
  sheetIds: ReadonlyMap<string, number>,
  faults: ReadonlyMap<string, number>,
): Promise<Known> {
  const ever = await database.query<{ record: string }>('select record from torture_poison')
  const now = await database.query<{ id: string }>('select id from requests where length(comment) >= $1', [
    TOO_LONG,
  ])
  const gone = await database.query<{ target: string; key: string }>('select target, key from torture_gone')
  const listed = await database.query<{ at: string; what: string }>(
    `select concat_ws(' ', target, record_key, column_name) as at,
       concat(created_at, ': base ', base, ', database ', database, ', sheet ', sheet) as what
     from sync_conflict where open`,
  )
  const refused = await database.query<{ at: string }>(
    `select concat_ws(' ', target, record_key, nullif(column_name, '')) as at from sync_edit
     where state = 'refused' and open`,
  )
  return {
    facts,
    everPoisoned: new Set(ever.map((row) => row.record)),
    poisoned: new Set(now.map((row) => row.id)),
    gone: new Set(gone.map((row) => `${row.target} ${row.key}`)),
    listed: new Map(listed.map(({ at, what }) => [at, what])),
    refused: new Set(refused.map(({ at }) => at)),
    workersEnded: [...faults].some(([kind, count]) => count > 0 && ENDS_WORKERS.test(kind)),
    sheetIds,
  }
}
