import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { publishStatement } from '../../src/queue/publish.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestOperations, type TestOperations } from './support.ts'

const [, snippet = ''] = /```ts\n([\s\S]*?)```/.exec(readFileSync('docs/operations.md', 'utf8')) ?? []

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
  writeFileSync(file, `${code}\nconsole.log(verdict, complaints.length)\n`)
  const settings = join(folder, 'tsconfig.json')
  writeFileSync(
    settings,
    JSON.stringify({ extends: '../../../tsconfig.json', include: ['snippet.ts'], exclude: [] }),
  )
  const run = promisify(execFile)
  await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', settings])
  const env = { ...process.env, DATABASE_URL: test.queue.database.url }
  const { stdout } = await run(process.execPath, [file], { env })
  expect(stdout).toMatch(/^attention [1-9]/)
  const entries = await test.operations.audit()
  expect(entries.map(({ actor, action, target }) => [actor, action, target])).toEqual([
    ['ada@example.com', 'pause', 'requests'],
    ['ada@example.com', 'retry', 'requests'],
  ])
})
