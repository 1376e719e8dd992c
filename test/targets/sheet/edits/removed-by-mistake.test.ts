import { afterEach, beforeEach, expect, it } from 'vitest'
import { editsSchema } from '../../../../src/targets/sheet/config/edits.ts'
import type { SheetWriter } from '../../../../src/targets/sheet/index.ts'
import { until } from '../../../support/wait.ts'
import { beforeNextWrite } from '../support/between.ts'
import { endLaneSessions } from '../support/lane-sessions.ts'
import { type Stage, setStage } from '../support/stage.ts'

/*
 * A record is deleted, and somebody moves rows right before its row is removed: another one goes. Where nobody puts that
 * right, this looks like a person's removal, which deletes the other record.
 */

let stage: Stage
beforeEach(async () => {
  stage = await setStage({
    columns: [{ header: 'Name', field: 'name', writable: true }],
    edits: editsSchema.parse({ deletedRows: 'delete' }),
  })
  for (const id of ['a', 'b', 'c']) stage.records.put(stage.target, id, { name: `trip ${id}` })
  await stage.write(['a', 'b', 'c'])
  stage.records.remove(stage.target, 'b')
})
afterEach(() => stage.close())

const removals = () => stage.sql.query(`select record_key from sync_edit where kind = 'remove'`)
const keys = async () => (await stage.person.see()).slice(1).flatMap(([key]) => key || [])

const loseLane = () => endLaneSessions(stage)
const loseApi = async () => {
  stage.emulator.control.faults.add({ kind: 'status', status: 503, match: { calls: 'read' }, count: 3 })
}
const loseAnswer = () =>
  stage.emulator.control.faults.add({ kind: 'reset-after', match: { calls: 'write' }, count: 1 })

it.each([
  ['its worker lost the lane', () => {}, loseLane, true],
  ['the API went away', () => {}, loseApi, false],
  ['its answer was lost, and the API went away', loseAnswer, loseApi, false],
])('comes back, and its record stays, where %s', async (_what, before, lose, isAnother) => {
  before()
  beforeNextWrite(stage, async () => {
    await stage.person.move('ROWS', 1, 3)
    await lose()
  })
  await stage.write(['b'])
  // Of a worker that has lost its lane the call may still be on its way.
  await until('another row is gone', async () => !(await keys()).includes('a'))
  const writer = isAnother ? stage.newWriter() : stage.writer
  const write = (...ids: string[]) =>
    until('they are written', async () => {
      const outcomes = await stage.write(ids, stage.target, writer)
      return [...outcomes.values()].every(({ status }) => status === 'done')
    })
  // A look sees that its row is gone.
  await write('a')
  await write('a', 'b')
  expect(await removals()).toEqual([])
  expect((await keys()).toSorted()).toEqual(['a', 'c'])
  // What a person removes then is a removal.
  const at = (await stage.person.see()).findIndex(([key]) => key === 'c')
  await stage.person.delete('ROWS', at)
  await write('c')
  expect(await removals()).toEqual([{ record_key: 'c' }])
})

it.each([
  ['its worker lost the lane', loseLane, true],
  ['the API went away', loseApi, false],
])('comes back where rows that people remove stay away, and %s', async (_what, lose, isAnother) => {
  const keepAway = { ...stage.target, onRowDeleted: 'keep-away', edits: undefined } as const
  const write = async (writer: SheetWriter, ...ids: string[]) =>
    await until('they are written', async () => {
      const outcomes = await stage.write(ids, keepAway, writer)
      return [...outcomes.values()].every(({ status }) => status === 'done')
    })
  await write(stage.writer, 'b')
  stage.records.put(keepAway, 'd', { name: 'trip d' })
  await write(stage.writer, 'd')
  // One that a person removed before.
  const rowOf = async (id: string) => (await stage.person.see()).findIndex(([key]) => key === id)
  await stage.person.delete('ROWS', await rowOf('c'))
  await write(stage.writer, 'c')
  stage.records.remove(keepAway, 'd')
  beforeNextWrite(stage, async () => {
    await stage.person.move('ROWS', 1, 3)
    await lose()
  })
  await stage.write(['d'], keepAway)
  // Of a worker that has lost its lane the call may still be on its way.
  await until('another row is gone', async () => !(await keys()).includes('a'))
  const writer = isAnother ? stage.newWriter() : stage.writer
  await write(writer, 'a')
  await write(writer, 'a', 'c', 'd')
  expect(await keys()).toEqual(['a'])
  await stage.person.delete('ROWS', await rowOf('a'))
  await write(writer, 'a')
  expect(await keys()).toEqual([])
})
