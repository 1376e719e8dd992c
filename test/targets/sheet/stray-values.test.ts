import { afterEach, beforeEach, expect, it } from 'vitest'
import { editsSchema } from '../../../src/targets/sheet/config/edits.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await setStage({
    columns: [{ header: 'Name', field: 'name', writable: true }],
    edits: editsSchema.parse({}),
  })
  stage.records.put(stage.target, 'a', { name: 'Anna' })
  stage.records.put(stage.target, 'b', { name: 'Bert' })
  await stage.write(['a', 'b'])
})
afterEach(() => stage.close())

const edits = () => stage.sql.query('select record_key, shown from sync_edit')
const nameOf = async (key: string) => (await stage.person.see()).find(([id]) => id === key)?.[1]

it('takes what a person types for an edit, and leaves it where it is', async () => {
  await stage.person.type('Trips!B2', [['Somebody']])
  await stage.write(['a'])
  expect(await edits()).toEqual([{ record_key: 'a', shown: 'Somebody' }])
  expect(await nameOf('a')).toBe('Somebody')
})

it('takes a value that a lost call was to write into another record for no edit', async () => {
  // A worker was about to write it, and its call hit a row that somebody had just moved; then it lost its lane.
  await stage.sql.query(`update sync_record set intended = '{"Name": ["Berta"]}' where record_key = 'b'`)
  await stage.person.type('Trips!B2', [['Berta']])
  await stage.write(['a'])
  expect(await edits()).toEqual([])
  expect(await nameOf('a')).toBe('Anna')
  expect(await nameOf('b')).toBe('Bert')
})
