import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { publishStatement } from '../../src/queue/publish.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestOperations, type TestOperations } from './support.ts'

const [, snippet = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync('docs/operations.md', 'utf8')) ?? []

/** Calls the handler as a page would, and prints the answers. */
const ASK = `
const ask = async (path: string, method = 'GET', body?: object, cookie = 'ada') => {
  const init = { method, headers: { cookie }, ...(body && { body: JSON.stringify(body) }) }
  const answer = await sync(new Request('http://shop.example/sync' + path, init))
  const text = await answer.text()
  console.log(JSON.stringify([answer.status, answer.ok ? JSON.parse(text) : text]))
  return answer.ok ? JSON.parse(text) : undefined
}
await ask('', 'GET', undefined, 'bob')
await ask('')
await ask('/requests')
await ask('/requests/pause', 'POST')
await ask('/requests/resume', 'POST')
await ask('/requests/retry', 'POST')
const { jobId } = await ask('/requests/backfill', 'POST', {})
await ask('/requests/backfill', 'POST', { jobId })
await ask('/requests/sell', 'POST')
process.exit()
`

let test: TestOperations
let folder: string
beforeEach(async () => {
  test = await openTestOperations()
  // Beside the sources: the snippet imports them.
  folder = mkdtempSync(join('test', 'operations', '.snippet-'))
})
afterEach(async () => {
  rmSync(folder, { recursive: true })
  await test.close()
})

it('the snippet in docs/operations.md type-checks and does what it says', async () => {
  const { config } = test.queue
  const change = { model: 'Request', id: '7', operation: 'update' as const }
  const statement = publishStatement(config.schemas, config.targets, [change], undefined)
  await test.sql.query(statement?.text ?? '', statement?.values)
  const [job] = await test.queue.boss.fetch(QUEUES.writeBack)
  await test.sql.query('update pgboss.job set retry_count = retry_limit where id = $1', [job?.id])
  await test.queue.boss.fail(QUEUES.writeBack, job?.id ?? '', { code: 'COLUMN_FAILED', message: 'threw' })

  const file = join(folder, 'snippet.ts')
  const code = snippet
    .replace("'prisma-writeback/operations'", "'../../../src/operations/index.ts'")
    .replace("'./writeback.config.ts'", "'../../../writeback.config.ts'")
  writeFileSync(file, `${code}\n${ASK}`)
  writeFileSync(
    join(folder, 'auth.ts'),
    `export const signedIn = async ({ headers }: Request) =>
      ({ email: 'ada@example.com', isAdmin: headers.get('cookie') === 'ada' })`,
  )
  const settings = join(folder, 'tsconfig.json')
  writeFileSync(
    settings,
    JSON.stringify({ extends: '../../../tsconfig.json', include: ['*.ts'], exclude: [] }),
  )
  const run = promisify(execFile)
  await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', settings, '--checkers', '1'])
  const env = { ...process.env, DATABASE_URL: test.queue.database.url }
  const { stdout } = await run(process.execPath, [file], { env })
  const [refused, all, one, paused, resumed, retried, asked, again, unknown] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(refused).toEqual([403, 'not allowed'])
  expect(all).toMatchObject([200, { verdict: 'attention', targets: [{}, {}] }])
  expect(one).toMatchObject([
    200,
    { target: 'requests', state: 'active', dead: 1, circuit: { state: 'closed' } },
  ])
  expect(paused).toMatchObject([200, { target: 'requests', state: 'paused', changed: true }])
  expect(resumed).toMatchObject([200, { state: 'active', changed: true }])
  expect(retried).toMatchObject([200, { queued: 1 }])
  expect(asked).toMatchObject([200, { jobId: expect.any(String), state: 'waiting', records: null }])
  expect(again).toEqual(asked)
  expect(unknown).toEqual([404, 'no such action'])
  const entries = await test.operations.audit()
  expect(entries.map(({ actor, action, target }) => [actor, action, target])).toEqual(
    ['reconcile', 'retry', 'resume', 'pause'].map((action) => ['ada@example.com', action, 'requests']),
  )
})
