import { afterEach, describe, expect, test } from 'vitest'
import { checkTriggers, readInstalled, triggerStates } from '../../../src/capture/triggers/index.ts'
import { createTriggerWorld, installTriggers, sheetTarget, type TriggerWorld } from './support.ts'

/* The application's schema changes before its triggers do. */

let world: TriggerWorld
afterEach(() => world.close())

/** Requests with their operator; request a is of operator 1. */
async function open(operator: unknown): Promise<void> {
  world = await createTriggerWorld([
    sheetTarget({
      ...{
        name: 't',
        spreadsheetId: 's',
        tab: 't',
        model: 'Request' as const,
        columns: ['reference'] as const,
      },
      include: { operator } as never,
    }),
  ])
  await world.prisma.country.create({ data: { code: 'DE', name: 'Germany' } })
  await world.prisma.operator.create({ data: { id: 1, code: 'o1', name: 'North', countryCode: 'DE' } })
  await world.prisma.request.create({
    data: { id: 'a', reference: 'a', customerName: 'a', operatorId: 1 },
  })
  await world.take()
}

const published = ['t:Request:a update']
const rename = (name: string) => world.pool.query(`update operators set display_name = '${name}'`)

test.each([
  ['all of a related record', true],
  ['all but one field', { omit: { rating: true } }],
  ['all of it, under a condition', { where: { name: 'North' } }],
  ['what a select names', { select: { name: true } }],
])('%s is shown: columns that are not named may be renamed, dropped and added', async (_what, operator) => {
  await open(operator)
  await world.pool.query('alter table operators rename column settings to preferences')
  await rename('Nord')
  expect(await world.takeLines()).toEqual(published)
  await world.pool.query('alter table operators drop column preferences, drop column rating')
  await rename('North')
  expect(await world.takeLines()).toEqual(published)
  await world.pool.query('alter table operators add column phone text')
  await rename('Nord')
  expect(await world.takeLines()).toEqual(published)
  await rename('Nord')
  expect(await world.takeLines()).toEqual([])
})

test('a field that the include omits changes nothing, every other one does', async () => {
  await open({ omit: { rating: true } })
  const update = (set: string) => world.pool.query(`update operators set ${set}`)
  await update('rating = 3')
  expect(await world.takeLines()).toEqual([])
  for (const set of [
    `settings = '{"a": 1}'`,
    `settings = '{"a": 2}'`,
    `logo = '\\x01'`,
    'logo = null',
    'commission_rate = 0.1',
    `languages = '{de}'`,
    `display_name = 'x', rating = 4`,
  ]) {
    await update(set)
    expect(await world.takeLines(), set).toEqual(published)
    await update(set)
    expect(await world.takeLines(), set).toEqual([])
  }
})

test.each([
  [
    'a column that a tab shows',
    'alter table operators rename column display_name to label',
    "operator_code = 'x'",
  ],
  ['a key', 'alter table operators rename column operator_id to id', "display_name = 'x'"],
  ['a foreign key', 'alter table requests rename column operator_id to by', "display_name = 'x'"],
])('%s is renamed: the write fails and names the library and the command', async (_what, sql, set) => {
  await open({ select: { name: true } })
  await world.pool.query(sql)
  const error = {
    code: 'SY002',
    message: expect.stringMatching(
      /^the triggers of prisma-writeback do not fit table public.operators any more: column .* does not exist\. Run "writeback triggers"/,
    ),
  }
  await expect(world.pool.query(`update operators set ${set}`)).rejects.toMatchObject(error)
  await installTriggers(world.pool, { ...world.config, targets: [] })
  await world.pool.query(`update operators set ${set}`)
})

describe('the check and the state of a target tell', () => {
  const state = async () =>
    triggerStates(world.config, await readInstalled(world.sql, world.config.schemas)).get('t')
  const findings = async () =>
    (await checkTriggers(world.sql, world.config)).map(
      (one) => `${one.severity} ${one.subject}: ${one.message}`,
    )

  test('a shown column that is gone: writes fail', async () => {
    await open({ select: { name: true } })
    expect(await state()).toBe('complete')
    await world.pool.query('alter table operators rename column display_name to label')
    expect(await state()).toBe('failing')
    expect(await findings()).toEqual([
      'error table public.operators: writes fail: it names public.operators.display_name, and that is gone',
    ])
  })

  test('a foreign key on the way that is gone', async () => {
    await open({ select: { name: true } })
    await world.pool.query('alter table requests rename column operator_id to by')
    expect(await state()).toBe('failing')
    expect(await findings()).toEqual([
      'error table public.operators: writes fail: it names public.requests.operator_id, and that is gone',
    ])
  })

  test('a target that is not configured any more, whose triggers still fail writes', async () => {
    await open({ select: { name: true } })
    await world.pool.query('alter table operators rename column display_name to label')
    const none = { ...world.config, targets: [] }
    expect(
      (await checkTriggers(world.sql, none)).map((one) => `${one.severity} ${one.subject}`).sort(),
    ).toEqual(['error function sync_on_operators', 'warning function sync_on_requests'])
  })

  test('triggers of another configuration', async () => {
    await open({ select: { name: true } })
    await world.pool.query(
      `do $$ begin execute replace(pg_get_functiondef('sync_on_operators'::regproc), 'n."display_name"', 'n."operator_code"'); end $$`,
    )
    expect(await state()).toBe('outdated')
    expect(await findings()).toEqual(['error table public.operators: its text differs'])
  })

  test('triggers of another version, which work: it waits for somebody', async () => {
    await open({ select: { name: true } })
    for (const name of ['operators', 'requests']) {
      await world.pool.query(`
        do $$ begin
          execute replace(pg_get_functiondef('sync_on_${name}'::regproc), 'if not "public"."sync_ready"() then return null; end if;', '');
          execute format('comment on function sync_on_${name}() is %L',
            replace(obj_description('sync_on_${name}'::regproc), ',"version":2', ''));
        end $$`)
    }
    await world.pool.query('drop function sync_ready')
    await rename('Nord')
    expect(await world.takeLines()).toEqual(published)
    expect(await state()).toBe('outdated')
    const other = 'its text differs, it was made by another version of prisma-writeback'
    expect(await findings()).toEqual([
      `warning table public.operators: ${other}`,
      `warning table public.requests: ${other}`,
      'warning function sync_ready: it is not installed',
    ])
    await installTriggers(world.pool, world.config)
    expect(await state()).toBe('complete')
  })

  test('triggers of a shown table that are gone', async () => {
    await open({ select: { name: true } })
    await world.pool.query('drop function sync_on_operators cascade')
    expect(await state()).toBe('incomplete')
  })

  test('a function that the others call', async () => {
    await open({ select: { name: true } })
    await world.pool.query('drop function sync_context')
    expect(await state()).toBe('failing')
  })
})
