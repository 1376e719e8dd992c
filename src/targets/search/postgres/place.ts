import { messageOf } from '../../../errors.ts'
import { singleOut } from '../../../source/single-out.ts'
import type { DocumentWrite, PlaceAnswer, PlaceEntry } from '../../documents/place.ts'
import { documentOf, type PlainDocument } from '../document.ts'
import type { SearchPlace } from '../place.ts'
import type { SearchTarget } from '../target.ts'
import { withoutValues } from '../without-values.ts'
import { rowsOf } from './client.ts'
import { isOfRecord, postgresFailure, sqlState } from './failure.ts'
import { quoteIndex } from './settings.ts'
import { commentSql, setUpSql, tableComment } from './table.ts'

type PostgresTarget = SearchTarget<'postgres'>

/** Documents in one statement, at most: a batch of the worker fits. */
const BATCH = 10_000
/** How long a removed record's version is remembered: a worker that slept longer could bring it back. */
const TOMBSTONES_KEPT = '1 day'
/** How often old ones are looked for, in milliseconds. */
const SWEEP_EVERY_MS = 3_600_000

/** A table of Postgres that is searched. */
export function postgresPlace(target: PostgresTarget): SearchPlace<PostgresTarget> {
  const { client, index, settings } = target
  const table = quoteIndex(index)
  let ready: Promise<void> | undefined
  let sweptAt = Number.NEGATIVE_INFINITY

  const setUp = async () => {
    await rowsOf(client, setUpSql(index, settings))
  }
  /** Once in a process, and again where the table is gone. */
  const prepared = () => {
    ready ??= setUp().catch((error) => {
      ready = undefined
      throw error
    })
    return ready
  }

  const sweep = async () => {
    if (performance.now() - sweptAt < SWEEP_EVERY_MS) return
    sweptAt = performance.now()
    await rowsOf(client, `delete from ${table} where removed_at < now() - interval '${TOMBSTONES_KEPT}'`)
  }

  return {
    noun: 'search table',
    isExclusive: false,
    batchSize: BATCH,
    show: (one, record) => ({ document: documentOf(one, record) }),
    setUp,

    async differences() {
      const [row] = await rowsOf<{ comment: string | null; there: boolean }>(
        client,
        `select ${commentSql(index)} as comment, to_regclass($1) is not null as there`,
        [table],
      )
      if (!row?.there) return [`table ${index} does not exist`]
      if (row.comment === tableComment(settings)) return []
      const isOurs = row.comment?.startsWith('{"writeback":')
      return [isOurs ? `table ${index} has other settings` : `table ${index} was not made by writeback`]
    },

    async apply(_target, writes) {
      await prepared()
      try {
        const { results, failed } = await singleOut(
          writes,
          (some) => send(target, some),
          (error) => !isOfRecord(error),
          async () => true,
        )
        const answers = new Map(results.flatMap((one) => [...one]))
        for (const [{ id, shown }, error] of failed) {
          const words = withoutValues(messageOf(error), [id, shown?.document])
          answers.set(id, { status: 'dead', reason: `Postgres says ${sqlState(error)} ${words}` })
        }
        if (writes.some(({ shown }) => shown === undefined)) await sweep()
        return answers
      } catch (error) {
        if (sqlState(error) === '42P01') ready = undefined
        throw error
      }
    },

    async probe() {
      await rowsOf(client, 'select 1')
    },

    async *list(_target, pageSize) {
      await prepared()
      let after = ''
      for (;;) {
        const rows = await rowsOf<{ id: string; document: string }>(
          client,
          `select id, document::text from ${table} where id > $1 and document is not null order by id limit $2`,
          [after, pageSize],
        )
        if (rows.length > 0)
          yield rows.map(({ id, document }): PlaceEntry => ({ id, document: JSON.parse(document) }))
        if (rows.length < pageSize) return
        after = rows.at(-1)?.id ?? after
      }
    },

    async read(id) {
      const [row] = await rowsOf<{ document: string }>(
        client,
        `select document::text from ${table} where id = $1 and document is not null`,
        [id],
      )
      return row && (JSON.parse(row.document) as PlainDocument)
    },

    failureOf: postgresFailure,
  }
}

/**
 * Writes records by one statement. The same version is written again: it is that of a call whose answer was lost, or of a
 * database that was restored and draws it a second time.
 */
async function send(
  { client, index }: PostgresTarget,
  writes: readonly DocumentWrite[],
): Promise<Map<string, PlaceAnswer>> {
  const table = quoteIndex(index)
  const rows = writes.map(({ id, ticket, shown }) => ({
    id,
    version: ticket.toString(),
    document: shown?.document,
  }))
  const written = await rowsOf<{ id: string }>(
    client,
    `insert into ${table} as t (id, version, document, removed_at)
     select x.id, x.version, x.document, case when x.document is null then now() end
     from jsonb_to_recordset($1::jsonb) as x (id text, version bigint, document jsonb)
     order by x.id
     on conflict (id) do update
       set version = excluded.version, document = excluded.document, removed_at = excluded.removed_at
       where excluded.version >= t.version
     returning id`,
    [JSON.stringify(rows)],
  )
  const answers = new Map<string, PlaceAnswer>(written.map(({ id }) => [id, { status: 'written' }]))
  const refused = writes.filter(({ id }) => !answers.has(id)).map(({ id }) => id)
  if (refused.length === 0) return answers
  const newer = await rowsOf<{ id: string; version: string }>(
    client,
    `select id, version::text from ${table} where id = any ($1)`,
    [refused],
  )
  const versions = new Map(newer.map(({ id, version }) => [id, BigInt(version)]))
  for (const id of refused) {
    const version = versions.get(id)
    answers.set(id, { status: 'superseded', ...(version !== undefined && { version }) })
  }
  return answers
}
