import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { renderEdits } from '../../cli/edits.ts'
import { renderStatus } from '../../cli/status-view.ts'
import { openTestOperations, type TestOperations } from './support.ts'

let test: TestOperations
beforeAll(async () => {
  test = await openTestOperations()
  await test.sql.query(
    `insert into sync_edit (target, record_key, kind, column_name, shown, before, after, state, open, editor, code, reason) values
       ('airports', 'AAA', 'change', 'Name', '"Berlin"', '"Bonn"', '"Berlin"', 'applied', null, 'ada@example.com', null, null),
       ('airports', 'AAA', 'change', 'Latitude', '"north"', '52', null, 'refused', true, null, 'EDIT_INVALID', '"north" is no number'),
       ('airports', 'BBB', 'create', '', '{"Name":"Ulm"}', null, null, 'pending', true, null, null, null),
       ('requests', 'r1', 'change', 'Budget', '5', null, null, 'refused', true, null, 'EDIT_FAILED', 'could not be saved; type it again')`,
  )
})
afterAll(() => test.close())

describe('edits', () => {
  let columns: string | undefined
  beforeEach(() => {
    columns = process.env.COLUMNS
    return () => {
      if (columns === undefined) delete process.env.COLUMNS
      else process.env.COLUMNS = columns
    }
  })

  it('are listed, the newest first', async () => {
    const { operations } = test
    const all = await operations.edits()
    expect(all.map(({ record, state }) => [record, state])).toEqual([
      ['r1', 'refused'],
      ['BBB', 'pending'],
      ['AAA', 'refused'],
      ['AAA', 'applied'],
    ])
    expect(await operations.edits({ target: 'airports', states: ['refused'] })).toMatchObject([
      { column: 'Latitude', shown: 'north', before: 52, reason: '"north" is no number' },
    ])
    expect(await operations.edits({ record: 'AAA', limit: 1 })).toHaveLength(1)
    await expect(operations.edits({ target: 'none' })).rejects.toMatchObject({ code: 'TARGET_UNKNOWN' })
  })

  it.each([80, 100])('fit into %i columns', async (width) => {
    process.env.COLUMNS = String(width)
    const edits = await test.operations.edits({ target: 'airports' })
    const text = renderEdits(edits, new Date())
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(width)
    expect(text).toContain('Bonn -> Berlin')
    expect(text).toContain('by ada@example.com')
    expect(text).toContain('"north" is no number (EDIT_INVALID)')
    expect(text).toContain('a row added')
  })

  it('are shown with a job of their record', async () => {
    await test.queue.publish(['AAA'])
    const [job] = await test.operations.listJobs({ record: 'AAA' })
    const { edits } = await test.operations.showJob(job?.id ?? '')
    expect(edits.map(({ column }) => column)).toEqual(['Latitude', 'Name'])
  })

  it('are in the state of things: refused ones are told, those that could not be saved want attention', async () => {
    const stats = await test.operations.stats()
    const health = test.operations.health(stats)
    expect(stats.targets.find(({ target }) => target === 'airports')).toMatchObject({
      ...{ editsRefused: 1, editsPending: 1, editsFailed: 0 },
    })
    const told = health.complaints.filter(({ message }) => message.includes('edit'))
    expect(told).toMatchObject([
      { target: 'requests', severity: 'attention', message: '1 edit could not be saved' },
    ])
    process.env.COLUMNS = '100'
    expect(renderStatus(stats, health)).toContain('1 edit on the way, 1 edit refused')
  })
})
