import type { Job } from 'pg-boss'
import { z } from 'zod'
import { type RelatedChange, RelatedRecords } from '../src/capture/shown/related-records.ts'
import { QUEUES } from '../src/queue/queues.ts'
import { RELATED_VERSION } from '../src/queue/related-function.ts'
import { workOn } from './attempts.ts'
import { FETCH_OPTIONS } from './fetch-options.ts'
import type { JobDefinition, Runtime } from './job.ts'

const dataSchema = z.object({
  v: z.literal(RELATED_VERSION),
  target: z.string(),
  path: z.string(),
  rows: z.array(z.record(z.string(), z.string().nullable())),
})

/**
 * Looks a second time for the records that show a changed row: whoever was being linked to it while it was changed
 * was not to be seen by the change itself (see `sync_related`).
 */
export const related: JobDefinition = {
  name: 'related',

  async start(runtime) {
    const records = new RelatedRecords(runtime.config)
    const options = {
      batchSize: 100,
      ...FETCH_OPTIONS,
    } as const
    await workOn(runtime, QUEUES.related, options, (jobs) => lookAgain(runtime, records, jobs))
  },
}

/** Publishes the records that show what the jobs name. */
export async function lookAgain(
  { sql, log }: Pick<Runtime, 'sql' | 'log'>,
  records: RelatedRecords,
  jobs: readonly Pick<Job<unknown>, 'id' | 'data'>[],
): Promise<{ published: number }> {
  let published = 0
  for (const change of merged(jobs.map((job) => dataSchema.parse(job.data)))) {
    const statement = records.statement(change)
    if (!statement) {
      // The configuration has changed since: the new target was compared as a whole.
      log.info({ target: change.target, path: change.path }, 'nothing shows the changed rows any more')
      continue
    }
    const [row] = await sql.query<{ inserted: number }>(statement.text, statement.values)
    published += row?.inserted ?? 0
  }
  return { published }
}

/** Rows that are looked for on the same way are looked for together. */
function merged(changes: readonly RelatedChange[]): RelatedChange[] {
  const ways = new Map<string, RelatedChange & { rows: RelatedChange['rows'][number][] }>()
  for (const { target, path, rows } of changes) {
    const key = JSON.stringify([target, path])
    const way = ways.get(key)
    if (way) way.rows.push(...rows)
    else ways.set(key, { target, path, rows: [...rows] })
  }
  return [...ways.values()]
}
