import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTestOperations, type TestOperations } from './support.ts'

/** The SQL of `docs/operations.md`, by the sentence before it. */
const statements = [
  ...readFileSync('docs/operations.md', 'utf8').matchAll(/\n([^\n]+)\n\n```sql\n([\s\S]*?)```/g),
].map(([, title = '', sql = '']) => ({ title, sql }))

let test: TestOperations
beforeAll(async () => {
  test = await openTestOperations()
  await test.die(['AAA'])
  await test.queue.publish(['BBB'])
  await test.sql.query(
    `insert into sync_conflict (target, record_key, column_name, winner, reason) values ('airports', 'AAA', 'Name', 'none', 'edited')`,
  )
  await test.operations.pause('airports', { actor: 'ada' })
})
afterAll(() => test.close())

describe('the SQL in docs/operations.md', () => {
  it('is found', () => {
    expect(statements.length).toBeGreaterThanOrEqual(13)
  })

  it.each(statements)('runs: $title', async ({ sql }) => {
    await test.sql.query(sql)
  })

  it.each([
    ['Jobs of each target', { target: 'airports', state: 'created', count: '1' }],
    ['Dead letters by target', { target: 'airports', code: 'CELL_TOO_LONG', count: '1' }],
    ['The dead letters of one target', { model: 'Airport', record: 'AAA', source_retry_count: 8 }],
    ['Everything about one record', { name: 'sync.write-back.dead', state: 'created' }],
    ['Targets and their', { name: 'airports', state: 'paused', changed_by: 'ada' }],
    ['Cells that wait', { target: 'airports', record_key: 'AAA', column_name: 'Name' }],
    ['Who did what', { actor: 'ada', action: 'pause', target: 'airports' }],
  ])('finds what it says: %s', async (title, row) => {
    const { sql } = statements.find((one) => one.title.startsWith(title)) ?? { sql: '' }
    expect(await test.sql.query(sql)).toContainEqual(expect.objectContaining(row))
  })
})
