import { afterEach, beforeEach, expect, test } from 'vitest'
import { editsSchema } from '../../../../src/targets/sheet/config/edits.ts'
import { type Stage, setStage } from '../support/stage.ts'

const IDS = Array.from({ length: 40 }, (_, at) => `trip ${String(at).padStart(2, '0')}`)

let stage: Stage
beforeEach(async () => {
  stage = await setStage({
    columns: [{ header: 'Name', field: 'name', writable: true }],
    edits: editsSchema.parse({ deletedRows: 'delete' }),
  })
  for (const id of IDS) stage.records.put(stage.target, id, { name: id })
  await stage.write(IDS)
  await stage.look()
})
afterEach(() => stage.close())

const asked = async () =>
  (
    await stage.sql.query<{ id: string }>(
      `select record_key as id from sync_edit where kind = 'remove' and open`,
    )
  ).map(({ id }) => id)

test('a deleted row whose record no cell takes does not hold up another one', async () => {
  let reads = 0
  stage.emulator.control.before(async ({ kind }) => void (kind === 'read' && reads++))
  stage.records.put(stage.target, 'trip 01', { name: 'x'.repeat(60_000) })
  await stage.person.delete('ROWS', 2, 4)
  expect(await stage.write(['trip 02'])).toEqual(new Map([['trip 02', { status: 'done', change: 'kept' }]]))
  expect(await asked()).toEqual(['trip 02'])
  expect(reads).toBeLessThan(6)
})

test('all that are gone are counted, whichever of them a batch looks at', async () => {
  await stage.person.delete('ROWS', 2, 15)
  await stage.write(['trip 03'])
  expect(await asked()).toEqual([])
  const [target] = await stage.sql.query('select state::text from sync_target')
  expect(target).toEqual({ state: 'stopped' })
  const missing = await stage.sql.query('select from sync_record where missing_since is not null')
  expect(missing).toHaveLength(13)
})
