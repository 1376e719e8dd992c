import pg from 'pg'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { untilBlocked } from '../operations/support.ts'
import { until } from '../support/wait.ts'
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts'
import { openStage, type Stage } from './support.ts'

let stage: Stage
let workers: WorkerProcess[] = []
let gate: pg.Client

beforeAll(async () => {
  stage = await openStage()
  gate = new pg.Client({ connectionString: stage.url })
  await gate.connect()
})
afterAll(async () => {
  await gate.end()
  await stage.close()
})
beforeEach(async () => {
  await stage.clear()
  // Counts what is written, however it ends up.
  await stage.sql.query('create table if not exists written (reference text)')
  await stage.sql.query('truncate written')
  await stage.sql.query(`create or replace function note() returns trigger language plpgsql as
    $$ begin insert into written values (new.reference); return new; end $$`)
  await stage.sql.query(
    'create or replace trigger note after insert or update on requests for each row execute function note()',
  )
})
afterEach(async () => {
  for (const { child } of workers) child.kill('SIGKILL')
  await Promise.all(workers.map(({ ended }) => ended))
  workers = []
})

const written = async () =>
  (await stage.sql.query<{ reference: string }>('select reference from written order by 1')).map(
    ({ reference }) => reference,
  )

/** The same jobs a second time, as after a worker that was believed to be dead. */
const repeatJobs = () =>
  stage.sql.query(
    `insert into pgboss.job (name, data, singleton_key, policy, retry_limit)
     select name, data, singleton_key || '#', policy, retry_limit from pgboss.job where name = 'sync.inbound' and state = 'created'`,
  )

test('two workers with the same edits apply each of them once', async () => {
  const names = Array.from({ length: 20 }, (_, at) => `n${String(at).padStart(2, '0')}`)
  stage.use({
    requests: { newRows: 'create', defaults: ({ comment }) => ({ reference: String(comment) }) },
  })
  const edits = names.map((name) => ({
    ...{ id: name, kind: 'create' as const, column: '', shown: { Customer: name, Comment: name } },
  }))
  await stage.see('requests', ...edits)
  await repeatJobs()
  await Promise.all([stage.work(names.length), stage.work(names.length)])
  expect(await written()).toEqual(names)
  expect((await stage.edits()).map(({ state }) => state)).toEqual(names.map(() => 'applied'))

  await stage.see('requests', ...names.map((id) => ({ id, column: 'Customer', base: id, shown: `${id}!` })))
  await repeatJobs()
  await Promise.all([stage.work(names.length), stage.work(names.length)])
  expect(await written()).toEqual([...names, ...names].sort())
  expect((await stage.edits()).every(({ state }) => state === 'applied')).toBe(true)
})

test('workers that are killed while they write leave the edit to the next one, which applies it once', async () => {
  const start = async () => {
    const env = {
      DATABASE_URL: stage.url,
      WRITEBACK_CONFIG: 'test/inbound/writeback.config.ts',
      SHEETS_API_URL: 'http://127.0.0.1:9/',
    }
    workers.push(await startWorkerProcess(env))
  }
  await gate.query('select pg_advisory_lock(42)')
  await stage.sql.query(`create or replace function note() returns trigger language plpgsql as
    $$ begin insert into written values (new.reference); perform pg_advisory_xact_lock_shared(42); return new; end $$`)

  await start()
  await stage.see('requests', { id: 'k', kind: 'create', shown: { Customer: 'Ada', Comment: 'once' } })
  await untilBlocked(stage.sql, 'advisory')
  const [first] = workers
  first?.child.kill('SIGKILL')
  await first?.ended
  // As pg-boss does when it misses the beats of the worker.
  await stage.sql.query(
    `update pgboss.job set state = 'retry', start_after = now() where name = 'sync.inbound' and state = 'active'`,
  )
  await start()
  await gate.query('select pg_advisory_unlock(42)')
  await until(
    'the edit is applied',
    async () => (await stage.edits()).some(({ state }) => state === 'applied'),
    60_000,
  )
  expect(await written()).toEqual(['once'])
  expect(await stage.app.request.count()).toBe(1)
}, 120_000)
