import { setTimeout as sleep } from 'node:timers/promises'
import type { Stage } from '../stage/stage.ts'
import type { Known } from './known.ts'
import type { Violation } from './violation.ts'

/** Faults that take a job out of a worker's hands: each may use up one of its attempts. */
const TAKES_JOBS = /^worker (killed|stopped and)|^postgres|backends|connections|rows locked|migration/

/** What the queue must look like at the end: dead letters are the poison, attempts were used by failures alone. */
export async function judgeQueue(
  { database }: Stage,
  known: Known,
  faults: ReadonlyMap<string, number>,
  badJobs: number,
): Promise<Violation[]> {
  const found: Violation[] = []
  const complain = (kind: Violation['kind'], subject: string, message: string) =>
    found.push({ kind, subject, message })
  const dead = await database.query<{
    key: string | null
    record: string | null
    target: string | null
    reason: string | null
  }>(
    `select singleton_key as key, data->>'id' as record, data->>'target' as target, source_output->>'code' as reason
     from pgboss.job where name = 'sync.write-back.dead' and state < 'active'`,
  )
  const bad = dead.filter(({ key }) => key?.startsWith('bad job '))
  if (bad.length !== badJobs)
    complain('dead letters', 'bad jobs', `${bad.length} of ${badJobs} are dead letters`)
  const letters = dead.filter((job) => !bad.includes(job))
  for (const { key, record, target, reason } of letters) {
    if (target === 'requests' && known.poisoned.has(record ?? '')) continue
    const why = known.everPoisoned.has(record ?? '') ? 'its poison is gone' : 'nobody poisoned it'
    complain('dead letters', String(key), `${why}; it died of ${reason}`)
  }
  const dying = new Set(letters.map(({ record }) => record))
  const records = new Set(letters.map(({ target, record }) => `${target} ${record}`))
  if (records.size < letters.length)
    complain('dead letters', 'repeated', `${letters.length} dead letters of ${records.size} records`)
  for (const record of known.poisoned) {
    if (!dying.has(record))
      complain('dead letters', `requests ${record}`, 'it is poisoned and no dead letter says so')
  }
  const losses = [...faults].reduce((sum, [kind, count]) => (TAKES_JOBS.test(kind) ? sum + count : sum), 0)
  const used = await database.query<{ key: string; attempts: number }>(
    `select singleton_key as key, retry_count as attempts from pgboss.job
     where name = 'sync.write-back' and retry_count > $1`,
    [losses],
  )
  const hasStockFailed = [...faults].some(([kind, count]) => count > 0 && kind.startsWith('stock service'))
  for (const { key, attempts } of used) {
    // A call of which nobody knows whether it was carried out is an attempt of its record.
    if (hasStockFailed && key.startsWith('seats:')) continue
    complain(
      'attempts',
      key,
      `${attempts} attempts were used, and jobs were taken from workers ${losses} times`,
    )
  }
  const lanes = await database.query<{ id: string }>(
    `select id from sync_lane where place->>'fenceState' = 'off'`,
  )
  for (const { id } of lanes) complain('target', id, 'its fence was switched off')
  return found
}

/** What must not be there any more once every worker has left. */
export async function judgeLeftovers({ database }: Stage): Promise<Violation[]> {
  const sessions = await sessionsLeft(database)
  const locks = await database.query<{ kind: string }>(
    `select locktype as kind from pg_locks where locktype = 'advisory'`,
  )
  // A look, or a scheduled job, that a worker was killed at expires by itself, after minutes: the next one waits for nothing of it.
  const active = await database.query<{ key: string }>(
    `select coalesce(singleton_key, name) as key from pgboss.job
     where state = 'active' and name <> 'sync.pull' and singleton_key is distinct from 'schedule'`,
  )
  return [
    ...sessions.map(({ name, state }) => left('a connection', `${name} (${state})`)),
    ...locks.map(({ kind }) => left('a lock', kind)),
    ...active.map(({ key }) => left('an active job', key)),
  ]
}

/** Postgres sees a little later that a process has ended. */
async function sessionsLeft(database: Stage['database']): Promise<{ name: string; state: string }[]> {
  for (let tries = 0; ; tries++) {
    const sessions = await database.query<{ name: string; state: string }>(
      `select application_name as name, state from pg_stat_activity
       where backend_type = 'client backend' and application_name <> 'torture harness'`,
    )
    if (sessions.length === 0 || tries === 50) return sessions
    await sleep(100)
  }
}

function left(what: string, subject: string): Violation {
  return { kind: 'left over', subject, message: `${what} is left although no worker runs` }
}
