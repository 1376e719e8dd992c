import { afterEach, beforeEach, expect, it } from 'vitest'
import { ACTOR, openTestOperations, type TestOperations } from './support.ts'

let test: TestOperations
beforeEach(async () => {
  test = await openTestOperations()
})
afterEach(() => test.close())

async function openConflict(): Promise<string> {
  await test.sql.query(
    `insert into sync_record (target, record_key, base) values ('airports', 'AAA', '{"Name": "old"}')`,
  )
  await test.sql.query(
    `insert into sync_conflict (target, record_key, column_name, winner, reason, base, database, sheet)
     values ('airports', 'AAA', 'Name', 'none', 'edited', '"old"', '"new"', '"typed"')`,
  )
  const [conflict] = await test.operations.conflicts()
  return conflict?.id ?? ''
}

it('decides a conflict, queues its record and writes down who did it', async () => {
  const id = await openConflict()
  const done = await test.operations.resolveConflict(id, 'sheet', ACTOR)
  expect(done).toEqual({ id, target: 'airports', record: 'AAA', column: 'Name', queued: true })
  expect((await test.queue.jobs()).map((job) => [job.record, job.state])).toEqual([['AAA', 'created']])
  expect(await test.operations.conflicts()).toEqual([])
  expect(await test.operations.conflicts({ state: 'resolved' })).toMatchObject([
    { id, winner: 'sheet', resolvedBy: 'ada', resolution: 'typed' },
  ])
  const [entry] = await test.operations.audit()
  expect(entry).toMatchObject({ actor: 'ada', action: 'resolve', target: 'airports' })
  // The record of who did what names the cell, and never its values.
  expect(JSON.stringify(entry)).not.toMatch(/typed|"new"|"old"/)
})

it('refuses what is decided already, and does nothing then', async () => {
  const id = await openConflict()
  await test.operations.resolveConflict(id, { value: 'third' }, ACTOR)
  await expect(test.operations.resolveConflict(id, 'database', ACTOR)).rejects.toMatchObject({
    code: 'OPERATION_INVALID',
  })
  expect(await test.operations.audit()).toHaveLength(1)
})
