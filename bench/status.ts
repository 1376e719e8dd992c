import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { openOperations } from '../src/operations/index.ts'
import { installJobs } from '../src/operations/install.ts'
import { QUEUES } from '../src/queue/queues.ts'
import { startEmbeddedPostgres } from '../tools/embedded-postgres.ts'
import { applyMigrations } from '../tools/migrate.ts'
import config from '../writeback.config.ts'
import { atMost, type Measurement, quantile, told } from './measurement.ts'
import { query } from './peers/database.ts'

/** Jobs that wait, jobs that are settled and kept, and records that stand in the sheets. */
const MANY = 200_000

const RUNS = 7

const LIMIT_MS = 1000

/**
 * How soon `writeback status` answers: the whole command as a process, and its queries, which the worker's `/status` and
 * `/metrics` make too. On an empty database; with a backlog that has just come, which Postgres knows nothing of; and
 * after autovacuum has been there.
 */
export async function* run(): AsyncGenerator<Measurement> {
  const postgres = await startEmbeddedPostgres()
  try {
    const url = await postgres.createDatabase('bench_status')
    await applyMigrations(url)
    await installJobs(url, config)
    yield* await measured('empty', url)
    await fill(url)
    yield* await measured('backlog', url)
    await query(url, 'vacuum analyze')
    yield* await measured('backlog_analyzed', url)
  } finally {
    await postgres.stop()
  }
}

async function measured(state: string, url: string): Promise<Measurement[]> {
  const commands: number[] = []
  for (let at = 0; at < RUNS; at++) commands.push(await command(url))
  const operations = await openOperations(config, { databaseUrl: url })
  const queries: number[] = []
  try {
    for (let at = 0; at < RUNS; at++) {
      const began = performance.now()
      await operations.stats()
      queries.push(performance.now() - began)
    }
  } finally {
    await operations.close()
  }
  return [
    atMost(`status.${state}.command.p50`, quantile(commands, 0.5), 'ms', LIMIT_MS),
    told(`status.${state}.command.max`, Math.max(...commands), 'ms'),
    told(`status.${state}.queries.p50`, quantile(queries, 0.5), 'ms'),
    told(`status.${state}.queries.max`, Math.max(...queries), 'ms'),
  ]
}

/** @returns how long a process takes, in milliseconds */
async function command(url: string): Promise<number> {
  const main = fileURLToPath(new URL('../cli/main.ts', import.meta.url))
  const began = performance.now()
  const child = spawn(process.execPath, [main, 'status'], {
    env: { ...process.env, DATABASE_URL: url },
    stdio: 'ignore',
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  // No worker runs, which status says with 3, and with 4 when changes wait.
  if (code !== 3 && code !== 4) throw new Error(`writeback status ended with ${code}`)
  return performance.now() - began
}

/** Fills the tables as a database has them after half of a large change has been written. */
async function fill(url: string): Promise<void> {
  const [airports, requests] = config.targets
  const target = `case when i % 3 = 0 then '${requests?.name}' else '${airports?.name}' end`
  await query(
    url,
    `insert into pgboss.job (name, data, singleton_key, group_id, group_tier, policy, dead_letter, retry_limit,
       heartbeat_seconds, state, created_on, start_after, started_on, completed_on, output)
     select $1, jsonb_build_object('target', target, 'model', 'Airport', 'id', id, 'operation', 'update', 'at', now(),
         'context', jsonb_build_object('userId', 'u' || i % 100, 'correlationId', gen_random_uuid())),
       target || ':Airport:' || id, 'demo', target, 'short', $2, 8, 30,
       (case when settled then 'completed' else 'created' end)::pgboss.job_state, at, at,
       case when settled then at end, case when settled then at + interval '1 minute' end,
       case when settled then '{"change": "written"}'::jsonb end
     from (
       select i, ${target} as target, 'cm' || lpad(i::text, 22, '0') as id, i <= $3 as settled,
         now() - interval '1 hour' + i * interval '1 ms' as at
       from generate_series(1, 2 * $3) i
     ) made`,
    [QUEUES.writeBack, QUEUES.writeBackDead, MANY],
  )
  await query(
    url,
    `insert into sync_record (target, record_key, base, operation)
     select ${target}, 'cm' || lpad(i::text, 22, '0'), jsonb_build_object('Name', 'Airport number ' || i, 'City', 'A city',
       'State', 'BE', 'Country', 'Germany', 'Latitude', i * 0.001, 'Longitude', i * -0.001), 'update'
     from generate_series(1, $1) i`,
    [MANY],
  )
}
