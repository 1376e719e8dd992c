import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { retryRefused } from '../../src/inbound/retry-edits.ts'
import { openStage, type Stage } from './support.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(() => stage.close())
beforeEach(async () => {
  await stage.clear()
  await stage.app.country.create({ data: { code: 'DE', name: 'Germany' } })
  for (const code of ['a', 'b']) {
    const { id } = await stage.app.operator.create({ data: { code, name: code, countryCode: 'DE' } })
    await stage.agree('operators', String(id), { Code: code, Country: 'DE', Rating: null, Languages: null })
  }
})

const states = async () => (await stage.edits()).map(({ column, state }) => [column, state])
const codes = async () =>
  (await stage.app.operator.findMany({ orderBy: { id: 'asc' } })).map(({ code }) => code)

describe('a value that another record had', () => {
  beforeEach(async () => {
    await stage.see('operators', { id: '1', column: 'Code', base: 'a', shown: 'b' })
    await stage.work()
    expect(await states()).toEqual([['Code', 'refused']])
  })

  test('is written once an edit of that record has made it free', async () => {
    await stage.see('operators', { id: '2', column: 'Code', base: 'b', shown: 'c' })
    await stage.work()
    await stage.work()
    expect(await codes()).toEqual(['b', 'c'])
    expect(await states()).toEqual([
      ['Code', 'applied'],
      ['Code', 'applied'],
    ])
  })

  test('stays refused where an edit makes another one free', async () => {
    await stage.see('operators', { id: '2', column: 'Languages', base: null, shown: 'de' })
    await stage.work()
    expect(await stage.work()).toEqual([])
    expect(await states()).toEqual([
      ['Code', 'refused'],
      ['Languages', 'applied'],
    ])
  })

  test('is written by the comparison once the application has made it free', async () => {
    await stage.app.operator.update({ where: { id: 2 }, data: { code: 'c' } })
    expect(await retryRefused(stage.sql, stage.config.schemas, 'operators')).toBe(1)
    await stage.work()
    expect(await codes()).toEqual(['b', 'c'])
  })

  test('is refused as before where nothing has changed', async () => {
    await stage.sql.query(`update sync_edit set seen_at = '2026-01-01T00:00:00Z'`)
    await retryRefused(stage.sql, stage.config.schemas, 'operators')
    await stage.work()
    expect(await stage.edits()).toMatchObject([
      { state: 'refused', reason: 'another record has the same Code', shown: 'b' },
    ])
    expect(
      await stage.sql.query(`select from sync_edit where seen_at = '2026-01-01T00:00:00Z'`),
    ).toHaveLength(1)
    expect(await stage.base('operators', '1')).toMatchObject({ Code: { kept: 'b', from: 'a' } })
  })
})

test('what is no value, or waits for a decision, is not tried again', async () => {
  await stage.see(
    'operators',
    { id: '1', column: 'Rating', base: null, shown: 'x' },
    { id: '2', column: 'Languages', base: null, shown: 'de' },
  )
  await stage.work()
  await stage.sql.query(`update sync_edit set state = 'refused', open = true, code = 'EDIT_CONFLICT'
    where column_name = 'Languages'`)
  expect(await retryRefused(stage.sql, stage.config.schemas, 'operators')).toBe(0)
})
