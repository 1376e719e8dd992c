import { afterEach, beforeEach, expect, it } from 'vitest'
import { EditStore } from '../../../../src/inbound/edit-store.ts'
import { editsSchema } from '../../../../src/targets/sheet/config/edits.ts'
import { type Stage, setStage } from '../support/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await setStage({
    columns: [{ header: 'Name', field: 'name', writable: true }],
    edits: editsSchema.parse({}),
  })
  stage.records.put(stage.target, 'a', { name: 'trip a' })
  await stage.write(['a'])
})
afterEach(() => stage.close())

const look = () => stage.look()

it('an edit that could not be saved after all attempts has its reason beside it, and is no news for every look', async () => {
  await stage.person.type('Trips!B2', [['typed']])
  await stage.write(await look())
  const store = new EditStore({ library: 'public', queue: 'pgboss' })
  const why = { code: 'EDIT_FAILED', reason: 'could not be saved' } as const
  expect(await store.refuseAll(stage.sql, stage.target.name, 'a', why)).toBe(1)
  await stage.write(['a'])
  const [, row] = await stage.person.see()
  expect(row).toEqual(['a', 'typed', 'Name: could not be saved'])
  expect(await look()).toEqual([])
  await stage.person.type('Trips!B2', [['typed again']])
  expect(await look()).toEqual(['a'])
  await stage.write(['a'])
  expect(await stage.sql.query('select state::text, shown from sync_edit where open')).toEqual([
    { state: 'pending', shown: 'typed again' },
  ])
})
