import { afterEach, expect, it } from 'vitest'
import { until } from '../../support/wait.ts'
import { endLaneSessions } from './support/lane-sessions.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

const put = (name: string) => stage.records.put(stage.target, 'a', { name, seats: 1 })
const name = async () => (await stage.person.see())[1]?.[1]

/** A worker writes, and dies after the API has applied the call and before it could store anything. */
async function dieAfterApplying(value: string): Promise<void> {
  put(value)
  stage.emulator.control.faults.add({
    kind: 'hang',
    ms: 3_000,
    match: { method: 'spreadsheets.batchUpdate' },
  })
  const dying = stage.write(['a'])
  await until('the call is applied', async () => (await name()) === value)
  await endLaneSessions(stage)
  expect((await dying).get('a')).toMatchObject({ status: 'deferred' })
}

/** The cell shows what the database says, and nothing was taken for an edit. */
async function expectNoEdit(value: string): Promise<void> {
  expect(await name()).toBe(value)
  expect(await stage.sql.query('select column_name from sync_conflict')).toEqual([])
  expect(await stage.sql.query('select intended from sync_record')).toEqual([{ intended: null }])
}

it.each(['sheet-wins', 'manual'] as const)(
  '%s: a write whose worker died before it stored its base is no edit of a person',
  async (conflict) => {
    stage = await setStage({ conflict })
    put('one')
    await stage.write(['a'])
    await dieAfterApplying('two')
    put('three')
    const next = stage.newWriter()
    await until(
      'another worker has written it',
      async () => (await stage.write(['a'], stage.target, next)).get('a')?.status === 'done',
    )
    await expectNoEdit('three')
  },
)

it.each(['sheet-wins', 'manual'] as const)(
  '%s: nor is it when the next write fails before it reaches the sheet',
  async (conflict) => {
    stage = await setStage({ conflict })
    put('one')
    await stage.write(['a'])
    await dieAfterApplying('two')
    put('three')
    const failing = { kind: 'reset-before', match: { method: 'spreadsheets.batchUpdate' } } as const
    for (let at = 0; at < 3; at++) stage.emulator.control.faults.add(failing)
    const next = stage.newWriter()
    await until('the other worker has tried', async () => {
      const outcome = (await stage.write(['a'], stage.target, next)).get('a')
      return outcome?.status === 'deferred' && outcome.code === 'SHEET_OUTCOME_UNKNOWN'
    })
    expect(await name()).toBe('two')
    await until(
      'it has written it',
      async () => (await stage.write(['a'], stage.target, next)).get('a')?.status === 'done',
    )
    await expectNoEdit('three')
  },
)

it('an edit that a person makes after such a death is one', async () => {
  stage = await setStage({ conflict: 'sheet-wins' })
  put('one')
  await stage.write(['a'])
  await dieAfterApplying('two')
  await stage.person.type("'Trips'!B2", [['edited']])
  put('three')
  const next = stage.newWriter()
  await until(
    'another worker has looked at it',
    async () => (await stage.write(['a'], stage.target, next)).get('a')?.status === 'done',
  )
  expect(await name()).toBe('edited')
  expect(await stage.sql.query('select winner::text from sync_conflict')).toEqual([{ winner: 'sheet' }])
})
