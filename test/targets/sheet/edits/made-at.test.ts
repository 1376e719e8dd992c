import { afterEach, beforeEach, expect, test } from 'vitest'
import { editsSchema } from '../../../../src/targets/sheet/config/edits.ts'
import { type Stage, setStage } from '../support/stage.ts'

const times = { field: 'bookedAt', header: 'Edited' }

let stage: Stage
beforeEach(async () => {
  stage = await setStage({
    columns: [
      { header: 'Name', field: 'name', writable: true, conflict: { lastWriter: times } },
      { header: 'Code', field: 'code', writable: true },
    ],
    edits: editsSchema.parse({}),
  })
  stage.records.put(stage.target, 'a', { name: 'trip a', code: 'a' })
  await stage.write(['a'])
})
afterEach(() => stage.close())

test('an edit is as old as the column says that its strategy names; another is as old as its look', async () => {
  const columns = (await stage.person.see())[0]?.length ?? 0
  const letter = String.fromCharCode(65 + columns)
  await stage.person.insert('COLUMNS', columns)
  await stage.person.type(`Trips!${letter}1:${letter}2`, [['Edited'], ['2026-03-01 12:00']])
  await stage.person.type('Trips!B2:C2', [['trip A', 'A']])
  await stage.write(await stage.look())
  const edits = await stage.sql.query<{ column: string; at: Date }>(
    'select column_name as "column", seen_at as at from sync_edit order by column_name',
  )
  expect(edits.map(({ column }) => column)).toEqual(['Code', 'Name'])
  // Noon in Berlin.
  expect(edits[1]?.at.toISOString()).toBe('2026-03-01T11:00:00.000Z')
  expect(Date.now() - (edits[0]?.at.getTime() ?? 0)).toBeLessThan(60_000)
})
