import { generateKeyPairSync } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openTestQueue, type TestQueue } from '../../support/queue.ts'
import { until } from '../../support/wait.ts'
import { startWorkerProcess, type WorkerProcess } from '../../support/worker-process.ts'

const PEM = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
  type: 'pkcs8',
  format: 'pem',
}) as string
const KEY = PEM.split('\n')[5] as string

let queue: TestQueue
let worker: WorkerProcess
beforeEach(async () => {
  queue = await openTestQueue()
  const account = {
    client_email: 'robot@project.iam.gserviceaccount.com',
    private_key: PEM,
  }
  worker = await startWorkerProcess({
    DATABASE_URL: queue.database.url,
    // Nobody listens there, and nobody gives tokens either: no account has this key.
    SHEETS_API_URL: 'http://127.0.0.1:9/',
    HTTPS_PROXY: 'http://127.0.0.1:9/',
    GOOGLE_SERVICE_ACCOUNT_JSON: JSON.stringify(account),
    LOG_LEVEL: 'debug',
  })
})
afterEach(async () => {
  worker.child.kill('SIGKILL')
  await worker.ended
  await queue.close()
})

it('a key that does not work is neither logged nor stored, and costs no job an attempt', async () => {
  await queue.publish(['AAA'])
  const query = async (text: string) => (await queue.boss.getDb().executeSql(text)).rows
  await until('the failure is stored', async () => {
    const rows = await query('select last_error from sync_lane where last_error is not null')
    return rows.length > 0
  })
  const tables = ['pgboss.job', 'sync_target', 'sync_lane']
  const stored = (await Promise.all(tables.map((table) => query(`select * from ${table}`)))).map((rows) =>
    JSON.stringify(rows),
  )
  for (const text of [worker.output(), ...stored]) {
    expect(text).not.toContain(KEY)
    expect(text).not.toContain('PRIVATE KEY')
    expect(text).not.toContain(queue.database.url)
  }
  expect((await queue.jobs()).every((job) => job.retry_count === 0 && job.state !== 'failed')).toBe(true)
})
