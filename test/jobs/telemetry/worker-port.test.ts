import { PrismaPg } from '@prisma/adapter-pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../../../packages/sheets-emulator/index.ts'
import { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { sign } from '../../../src/inbound/signature.ts'
import { runWithContext, writeback } from '../../../src/index.ts'
import { openOperations } from '../../../src/operations/operations.ts'
import { openTestQueue, type TestQueue } from '../../support/queue.ts'
import { until } from '../../support/wait.ts'
import { startWorkerProcess, type WorkerProcess } from '../../support/worker-process.ts'

const SECRET = 'Zaphod Beeblebrox'
const SCRIPT_SECRET = 'of the script in the spreadsheet, long'

const NONCE = 'one-that-was-not-seen'
const SIGNAL = JSON.stringify({ spreadsheetId: 'demo', nonce: NONCE })

let queue: TestQueue
let emulator: Emulator
let plain: PrismaClient
let worker: WorkerProcess

beforeEach(async () => {
  queue = await openTestQueue()
  emulator = await startEmulator()
  emulator.createSpreadsheet({ properties: { title: 'test' } }, 'demo')
  plain = new PrismaClient({ adapter: new PrismaPg({ connectionString: queue.database.url, max: 1 }) })
  worker = await startWorkerProcess({
    DATABASE_URL: queue.database.url,
    SHEETS_API_URL: emulator.url,
    SHEETS_READS_PER_MINUTE: '100000',
    SHEETS_WRITES_PER_MINUTE: '100000',
    WRITEBACK_PORT: '0',
    WRITEBACK_SCRIPT_SECRET: SCRIPT_SECRET,
    LOG_LEVEL: 'info',
  })
})
afterEach(async () => {
  worker.child.kill('SIGKILL')
  await worker.ended
  await plain.$disconnect()
  await emulator.close()
  await queue.close()
})

async function write(name: string): Promise<void> {
  const prisma = plain.$extends(writeback(queue.config)) as unknown as PrismaClient
  const data = { iata: 'ZZZ', name, country: 'USA', latitude: 1, longitude: 2 }
  await runWithContext({ userId: 'u1', correlationId: 'r42' }, () => prisma.airport.create({ data }))
}

async function settled(): Promise<void> {
  await until('the job is settled', async () =>
    (await queue.jobs()).every((job) => ['completed', 'failed'].includes(job.state)),
  )
}

describe("a worker's port", () => {
  it('serves metrics and health; five connections at most; no value of a cell in the log', async () => {
    const port = worker.log.find((line) => line.msg === 'worker ready')?.port
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`)
      return { status: response.status, text: await response.text() }
    }
    expect(await get('/healthz')).toEqual({ status: 200, text: 'ok\n' })
    expect(await get('/readyz')).toEqual({ status: 200, text: 'ready\n' })
    expect((await get('/elsewhere')).status).toBe(404)
    const post = async (path: string, headers = {}) => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: SIGNAL, headers })
      return answer.status
    }
    expect([await post('/metrics'), await post('/sheet-edits')]).toEqual([405, 401])
    expect((await get('/sheet-edits')).status).toBe(405)
    // Nobody may edit the demo's tabs.
    const seconds = Math.floor(Date.now() / 1000)
    const signature = `t=${seconds},v1=${sign(SCRIPT_SECRET, seconds, NONCE, SIGNAL)}`
    expect(await post('/sheet-edits', { 'x-writeback-signature': signature })).toBe(404)
    const status = await get('/status')
    expect(status.status).toBe(200)
    expect(JSON.parse(status.text)).toMatchObject({ verdict: expect.stringMatching(/well|attention/) })

    await write(SECRET)
    await settled()
    const { text } = await get('/metrics')
    expect(text).toMatch(
      /messaging_client_consumed_messages_total\{target="airports",outcome="written",error_type=""\} 1\n/,
    )
    expect(text).toMatch(/writeback_change_lag_seconds_count\{target="airports"\} 1\n/)
    expect(text).toMatch(/messaging_process_duration_seconds_count\{error_type=""\} [1-9]/)
    expect(text).toMatch(
      /http_client_request_duration_seconds_count\{place="sheet",call="write",error_type=""\} [1-9]/,
    )
    expect(text).toMatch(/writeback_jobs\{target="airports",state="waiting"\} 0\n/)
    expect(text).toMatch(/writeback_workers_alive 1\n/)
    expect(text).toMatch(/writeback_circuit_open\{target="airports"\} 0\n/)
    expect(text).toMatch(/writeback_background_failed\{queue="sync.reconcile"\} 0\n/)
    expect(text).toMatch(/writeback_complaints\{severity="broken"\} 0\n/)
    expect(text).toMatch(/nodejs_eventloop_lag_seconds/)
    expect(text).not.toContain(SECRET)

    // What a worker holds while it works: pg-boss's pool and listener, the lane, and its Prisma client.
    const rows = await queue.boss.getDb().executeSql(
      `select application_name as name, count(*)::int as count from pg_stat_activity
       where datname = current_database() and pid <> pg_backend_pid()
         and (application_name like 'writeback worker%' or application_name = 'writeback lane') group by 1`,
    )
    const own = rows.rows.reduce((sum: number, row: { count: number }) => sum + row.count, 0)
    expect(own + 1).toBeLessThanOrEqual(5)

    const operations = await openOperations(queue.config, { databaseUrl: queue.database.url })
    try {
      // A job that waited before this worker came is complained of until it is taken.
      const stats = await until('the comparison is taken', async () => {
        const now = await operations.stats()
        return now.queues.every(({ waiting }) => waiting === 0) && now
      })
      expect(operations.health(stats)).toEqual({ verdict: 'well', complaints: [] })
      expect(stats.workers).toMatchObject([{ alive: true, id: expect.stringMatching(/^[0-9a-f]{8}$/) }])
      expect(stats.targets.find((one) => one.target === 'airports')).toMatchObject({
        rowsWritten: 1,
        backlog: null,
      })
    } finally {
      await operations.close()
    }

    expect(worker.output()).toContain('batch: airports 1')
    expect(worker.output()).not.toContain(SECRET)
    expect(worker.output()).not.toContain(queue.database.url)
    expect(worker.output()).not.toContain(new URL(queue.database.url).password)
  })

  it('stores errors of jobs and targets without the value that caused them', async () => {
    await write(SECRET.repeat(3_500))
    await settled()
    const everything = await Promise.all(
      ['pgboss.job', 'sync_target', 'sync_lane', 'sync_audit'].map(async (table) =>
        JSON.stringify((await queue.boss.getDb().executeSql(`select * from ${table}`)).rows),
      ),
    )
    expect(everything.join()).toContain('CELL_TOO_LONG')
    expect(everything.join()).not.toContain(SECRET)
    expect(worker.output()).not.toContain(SECRET)
  })
})
