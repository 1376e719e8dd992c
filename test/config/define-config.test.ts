import { describe, expect, test } from 'vitest'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../src/targets/for-client.ts'

// What reaches these functions from JavaScript, or past a cast, is not what the types promise.
const untyped = forClient<PrismaClient>(dataModel) as unknown as {
  defineConfig: (options: unknown) => ReturnType<ReturnType<typeof forClient>['defineConfig']>
  sheetTarget: (input: unknown) => ReturnType<ReturnType<typeof forClient>['sheetTarget']>
}

const right = { name: 'tags', spreadsheetId: 'abc_-1', tab: 'Tags', model: 'Tag', columns: ['name'] }
const target = (changes: object) => () => untyped.sheetTarget({ ...right, ...changes })
const config = (changes: object) => () =>
  untyped.defineConfig({ targets: [untyped.sheetTarget(right)], ...changes })

/** The message of what is thrown, which must be the library's own error for configurations. */
function refusal(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    expect(error).toMatchObject({ name: 'WritebackError', code: 'CONFIG_INVALID' })
    const { message } = error as Error
    expect(message).not.toContain('\n')
    return message
  }
  throw new Error('nothing was refused')
}

describe('sheetTarget', () => {
  test('fills in what is left out', () => {
    expect(untyped.sheetTarget(right)).toMatchObject({
      kind: 'sheet',
      ...right,
      key: 'ID',
      columns: [{ header: 'name', field: 'name' }],
      onDelete: 'remove',
    })
  })

  test.each<[option: string, input: object, words: string]>([
    ['name', { name: 'a b' }, 'letters'],
    ['name', { name: '' }, 'letters'],
    ['name', { name: undefined }, 'name'],
    ['spreadsheetId', { spreadsheetId: 'https://docs.google.com/x' }, "the sheet's id or its whole address"],
    ['spreadsheetId', { spreadsheetId: '' }, "the sheet's id or its whole address"],
    ['tab', { tab: '' }, 'tab'],
    ['tab', { tab: 'x'.repeat(101) }, 'tab'],
    ['model', { model: 'Tags' }, 'Tag, '],
    ['key', { key: ' ' }, 'header'],
    ['columns', { columns: [] }, 'columns'],
    ['columns', { columns: 'name' }, 'columns'],
    ['columns', { columns: ['nonsense'] }, 'nonsense'],
    ['columns', { columns: ['requests'] }, 'a field of Tag that a cell can show'],
    ['columns', { columns: [{ header: 'Name' }] }, 'either a field or a value function'],
    ['columns', { columns: [{ header: 'Name', field: 'name', value: () => 1 }] }, 'both or neither'],
    ['columns', { columns: [{ header: 'Name', value: 'name' }] }, 'columns.0.value'],
    ['columns', { columns: ['name', 'name'] }, 'header "name" again'],
    ['columns', { columns: [{ header: 'ID', field: 'id' }] }, 'header "ID" again'],
    ['columns', { columns: [{ header: 'Name', feild: 'name' }] }, 'unknown option feild'],
    ['onDelete', { onDelete: 'drop' }, 'onDelete'],
    ['onDelete', { onDelete: 'mark', columns: [{ header: 'Deleted', field: 'name' }] }, 'Deleted'],
    ['filter', { filter: true }, 'filter'],
    ['include', { include: [] }, 'include'],
    ['include', { include: { nonsense: true } }, 'nonsense'],
    ['include', { include: { name: true } }, 'a relation of Tag'],
    ['include', { include: { requests: { include: { nonsense: true } } } }, 'requests.nonsense'],
    [
      'include',
      { include: { requests: { select: { operator: { include: { x: true } } } } } },
      'requests.operator.x',
    ],
  ])('refuses a wrong %s: %o', (_option, input, words) => {
    expect(refusal(target(input))).toContain(words)
  })

  test('accepts an include at any depth, with select and _count', () => {
    const include = {
      _count: true,
      requests: { include: { operator: { select: { name: true, country: true } }, _count: true } },
    }
    expect(target({ include })()).toMatchObject({ include })
  })

  test('names an unknown option', () => {
    expect(refusal(target({ spreadsheet: 'x' }))).toContain('unknown option spreadsheet')
  })

  test('names every wrong option at once', () => {
    const message = refusal(target({ tab: '', onDelete: 'drop' }))
    expect(message).toContain('tab')
    expect(message).toContain('onDelete')
  })

  test('does not show bytes', () => {
    expect(refusal(target({ model: 'Operator', columns: ['logo'] }))).toContain('no Bytes')
  })
})

describe('defineConfig', () => {
  test('fills in what is left out', () => {
    expect(config({})()).toMatchObject({
      capture: { mode: 'auto', models: {}, unfollowed: 'warn' },
      schemas: { library: 'public', queue: 'pgboss' },
      retention: { days: 7 },
      schedules: { timeZone: 'UTC' },
    })
  })

  test.each<[option: string, options: object, words: string]>([
    ['targets', { targets: undefined }, 'targets'],
    ['targets', { targets: [] }, 'targets'],
    ['targets', { targets: [right] }, 'sheetTarget({...})'],
    [
      'targets',
      { targets: [untyped.sheetTarget(right), untyped.sheetTarget(right)] },
      'a name of its own for every target',
    ],
    ['client', { client: {} }, 'client: expected a function'],
    ['capture', { capture: { mode: 'triggers' } }, 'capture.mode'],
    ['capture', { capture: { unfollowed: 'ignore' } }, 'capture.unfollowed'],
    ['capture', { capture: { models: { Tag: 'no' } } }, 'capture.models.Tag'],
    ['capture', { capture: { models: { Tags: 'auto' } } }, 'unknown model'],
    ['capture', { capture: { modes: 'auto' } }, 'capture has unknown option modes'],
    ['schemas', { schemas: { library: 'a"b' } }, 'schemas.library'],
    ['schemas', { schemas: { queue: '' } }, 'schemas.queue'],
    ['retention', { retention: { days: 0 } }, 'retention.days'],
    ['retention', { retention: { days: 1.5 } }, 'retention.days'],
    ['retention', { retention: { day: 1 } }, 'retention has unknown option day'],
    ['schedules', { schedules: { cleanup: 'daily' } }, 'schedules.cleanup'],
    ['schedules', { schedules: { clean: '* * * * *' } }, 'schedules has unknown option clean'],
  ])('refuses a wrong %s: %o', (_option, options, words) => {
    expect(refusal(config(options))).toContain(words)
  })

  test('names an unknown option', () => {
    expect(refusal(config({ target: [] }))).toContain('the options has unknown option target')
  })

  test('refuses what is no object', () => {
    expect(refusal(() => untyped.defineConfig(undefined))).toContain('defineConfig')
    expect(refusal(() => untyped.sheetTarget('tags'))).toContain('sheetTarget')
  })

  test('a refusal does not show the value', () => {
    expect(refusal(config({ schemas: { library: 'sk-secret value' } }))).not.toContain('sk-secret')
    expect(refusal(target({ spreadsheetId: 'sk secret' }))).not.toContain('sk secret')
  })
})
