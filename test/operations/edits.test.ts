import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { renderEdits } from '../../cli/edits.ts'
import { renderStatus } from '../../cli/status-view.ts'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../src/index.ts'
import { installJobs } from '../../src/operations/install.ts'
import { type Operations, openOperations } from '../../src/operations/operations.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestOperations, type TestOperations } from './support.ts'

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)
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

  describe('looks for them that fail', () => {
    const lane = 'the-spreadsheet'
    const tab = (name: string, isWritable: boolean) =>
      sheetTarget({
        ...{ name, tab: name, spreadsheetId: lane, model: 'Request' },
        columns: [{ header: 'Customer', field: 'customerName', writable: isWritable }],
        ...(isWritable && { edits: {} }),
      })
    const config = defineConfig({ targets: [tab('requests', true), tab('read-only', false)] })
    let operations: Operations
    beforeAll(async () => {
      operations = await openOperations(config, { databaseUrl: test.queue.database.url })
    })
    afterAll(() => operations.close())
    const unseen = async (name = 'requests') =>
      (await operations.stats()).targets.find(({ target }) => target === name)?.editsUnseen
    const look = (state: 'completed' | 'failed', spreadsheetId: string | undefined, ago: string, code = '') =>
      test.sql.query(
        `insert into pgboss.job (name, data, state, completed_on, output)
         values ($1, $2, $3::pgboss.job_state, now() - $4::interval, jsonb_build_object('code', $5::text, 'message', 'no access'))`,
        [QUEUES.pull, { spreadsheetId }, state, ago, code],
      )
    beforeEach(() => test.sql.query('delete from pgboss.job where name = $1', [QUEUES.pull]))

    it('are told, after two of them', async () => {
      await look('completed', lane, '10 minutes')
      await look('failed', lane, '3 minutes', 'SHEET_UNAVAILABLE')
      for (const ago of ['2 minutes', '1 minute']) await look('failed', 'another', ago, 'SHEET_FORBIDDEN')
      expect(await unseen()).toBeNull()
      await look('failed', lane, '2 minutes', 'SHEET_FORBIDDEN')
      const stats = await operations.stats()
      expect(operations.health(stats).complaints).toContainEqual({
        severity: 'attention',
        target: 'requests',
        message: `EDITS_UNSEEN spreadsheet ${lane} cannot be looked at, so what people type there is not seen: SHEET_FORBIDDEN no access`,
        remedy: expect.stringContaining('Share it with the service account'),
      })
      const since = (await unseen())?.since.getTime() ?? 0
      expect(Math.round((stats.at.getTime() - since) / 60_000)).toBe(3)
      expect(await unseen('read-only')).toBeNull()
    })

    it('are over with one that comes to its end', async () => {
      for (const ago of ['5 minutes', '4 minutes']) await look('failed', lane, ago, 'SHEET_FORBIDDEN')
      expect(await unseen()).not.toBeNull()
      await look('completed', lane, '1 minute')
      expect(await unseen()).toBeNull()
    })

    it('are not told where the place cannot be written either: its circuit tells', async () => {
      for (const ago of ['5 minutes', '4 minutes']) await look('failed', lane, ago, 'SHEET_FORBIDDEN')
      await installJobs(test.queue.database.url, config)
      const opened = `insert into sync_lane (id, circuit, failures, opened_at, probe_at, last_error_code, last_error)
        values ($1, 'open', 3, now(), now(), 'SHEET_FORBIDDEN', 'no access')`
      await test.sql.query(opened, [lane])
      expect(await unseen()).toBeNull()
      expect((await operations.stats()).targets[0]?.circuit.state).toBe('open')
    })
  })
})
