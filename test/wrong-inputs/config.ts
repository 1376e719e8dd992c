import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import * as generated from '../../prisma/generated/writeback/data-model.ts'
import { openClient } from '../../src/source/open-client.ts'
import { forClient } from '../../src/targets/for-client.ts'
import { SECRET } from './secret.ts'
import type { WrongInput } from './wrong-input.ts'

const { dataModel } = generated

// What reaches these functions from JavaScript, or past a cast, is not what the types promise.
interface Untyped {
  defineConfig(options: unknown): ReturnType<ReturnType<typeof forClient>['defineConfig']>
  sheetTarget(input: unknown): ReturnType<ReturnType<typeof forClient>['sheetTarget']>
}
const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel) as unknown as Untyped

const right = {
  name: 'airlines',
  spreadsheetId: 'abc_-1',
  tab: 'Airlines',
  model: 'Operator',
  columns: ['name'],
}

/** A target with something wrong in it; the message names the target and what is wrong. */
const target = (what: string, option: string, changes: object, ...names: string[]): WrongInput => ({
  what: `target: ${what}`,
  run: () => sheetTarget({ ...right, ...changes }),
  code: 'CONFIG_INVALID',
  names: ['"airlines"', option, ...names],
})

const columns = (what: string, column: unknown, ...names: string[]) =>
  target(what, 'columns.1', { columns: ['code', column] }, ...names)

const unnamed = (what: string, changes: object, ...names: string[]): WrongInput => ({
  ...target(what, '', changes),
  names: ['sheetTarget', ...names],
})

const config = (what: string, option: string, changes: object, ...names: string[]): WrongInput => ({
  what: `config: ${what}`,
  run: () => defineConfig({ targets: [sheetTarget(right)], ...changes }),
  code: 'CONFIG_INVALID',
  names: ['defineConfig', option, ...names],
})

const two = (what: string, option: string, second: object): WrongInput => ({
  what: `config: ${what}`,
  run: () => defineConfig({ targets: [sheetTarget(right), sheetTarget({ ...right, ...second })] }),
  code: 'CONFIG_INVALID',
  names: [option],
})

const client = (what: string, make: () => unknown, ...names: string[]): WrongInput => ({
  what: `client: ${what}`,
  run: () => openClient(defineConfig({ targets: [sheetTarget(right)], client: make })),
  code: 'CONFIG_INVALID',
  names: ['client', ...names],
})

const model = (what: string, given: unknown, ...names: string[]): WrongInput => ({
  what: `data model: ${what}`,
  run: () => forClient(given as never),
  code: 'CONFIG_INVALID',
  names: ['dataModel', ...names],
})

const address = `https://docs.google.com/document/d/${SECRET}/edit`
const find = { findMany: () => Promise.resolve([]) }
const url = `postgres://user:${SECRET}@db/app`
const broken = () => {
  throw new Error(`cannot connect to ${url}`)
}

/** Wrong options of the config file. */
export const CONFIG: readonly WrongInput[] = [
  unnamed('no name', { name: undefined }, 'Operator', 'name', 'got nothing'),
  unnamed('a name with a blank', { name: 'Air lines' }, 'Operator', 'name'),
  unnamed('a name that is too long', { name: 'a'.repeat(65) }, 'Operator', 'name'),
  unnamed('neither name nor model', { name: '', model: SECRET }, 'name', 'an empty text'),
  { ...unnamed('text for a target', {}), run: () => sheetTarget('airlines') },
  { ...unnamed('nothing for a target', {}), run: () => sheetTarget(undefined) },
  target('no spreadsheet', 'spreadsheetId', { spreadsheetId: undefined }, 'got nothing'),
  target('an empty spreadsheet', 'spreadsheetId', { spreadsheetId: '' }, 'an empty text'),
  target('the address of a document', 'spreadsheetId', { spreadsheetId: address }, '/d/'),
  target('no tab', 'tab', { tab: undefined }),
  target('an empty tab', 'tab', { tab: '' }, '1 to 100'),
  target('a tab of blanks', 'tab', { tab: '   ' }, '1 to 100'),
  target('a title that is too long', 'tab', { tab: 'x'.repeat(101) }, '1 to 100', '101'),
  target('half a character in the title', 'tab', { tab: 'Flug \ud83d' }),
  target('a number for a title', 'tab', { tab: 2026 }, 'a number'),
  target('an unknown model', 'model', { model: 'Operators' }, 'Operator,', 'prisma generate'),
  target('a model as the client calls it', 'model', { model: 'operator' }, 'Operator,'),
  target('a client for a model', 'model', { model: find }, 'an object'),
  target('a blank key', 'key', { key: ' ' }),
  target('a key that is too long', 'key', { key: 'k'.repeat(201) }, '200'),
  target('NUL in the key', 'key', { key: 'I\0D' }),
  target('no columns', 'columns', { columns: [] }, 'one column or more'),
  target('columns as an object', 'columns', { columns: { name: true } }, 'a list', 'an object'),
  target('columns as one text', 'columns', { columns: 'name' }, 'a list'),
  columns('an unknown field', 'nmae', 'a field of Operator', 'nmae'),
  columns('a field that every object has', 'constructor', 'a field of Operator'),
  columns('a field of bytes', 'logo', 'no Bytes'),
  columns('a relation', 'requests', 'a field of Operator'),
  columns('a column without a header', { field: 'name' }, 'header'),
  columns('an empty header', { header: '', field: 'name' }, 'header'),
  columns('neither field nor value', { header: 'Name' }, '"Name"'),
  columns('field and value', { header: 'Name', field: 'name', value: () => 1 }, '"Name"'),
  columns('text for a value', { header: 'Name', value: 'name' }, 'value', 'function'),
  columns('an async value', { header: 'Name', value: async () => 1 }, 'value', 'async'),
  columns('a misspelt option', { header: 'Name', feild: 'name' }, 'feild'),
  columns('null for a column', null, 'null'),
  columns('the same column again', 'code', '"code"'),
  columns('a header that differs in case', { header: 'CODE ', field: 'name' }, 'CODE', 'code'),
  columns('a header that differs in blanks', { header: '\u00a0Code', field: 'name' }, 'code'),
  columns("the key's header", { header: 'ID', field: 'name' }, "the key's"),
  columns("the key's header in another case", { header: 'id', field: 'name' }, "the key's"),
  columns(
    'an unknown strategy',
    { header: 'N', field: 'name', conflict: 'last-wins' },
    'conflict',
    'sheet-wins',
  ),
  target('an unknown strategy', 'conflict', { conflict: 'databaseWins' }, 'database-wins', 'merge'),
  target('a rule that there is not', 'conflict', { conflict: { merge: { numbers: 'max' } } }, "'maximum'"),
  target('an async strategy', 'conflict', { conflict: async () => 1 }, 'async function'),
  target(
    'times in a field that is none',
    'conflict',
    { conflict: { lastWriter: { field: 'name', header: 'Edited' } } },
    'DateTime',
    'name',
  ),
  target('times without a header', 'conflict', { conflict: { lastWriter: { field: 'name' } } }, 'header'),
  target('an unknown policy', 'onDelete', { onDelete: 'delete' }, 'remove', 'clear', 'mark'),
  target('a policy that is no text', 'onDelete', { onDelete: false }, 'remove'),
  target(
    'a column of the mark',
    'onDelete',
    { onDelete: 'mark', columns: [{ header: 'deleted', field: 'name' }] },
    'Deleted',
  ),
  target('an unknown policy for rows', 'onRowDeleted', { onRowDeleted: 'ignore' }, 'restore', 'keep-away'),
  target('a filter of the database', 'filter', { filter: { name: 'x' } }, 'function', 'an object'),
  target('an async filter', 'filter', { filter: async () => true }, 'async'),
  target('an include that is a list', 'include', { include: ['requests'] }, 'a list'),
  target('an include of nothing known', 'include', { include: { flights: true } }, 'flights'),
  target('an include of a field', 'include', { include: { name: true } }, 'a relation of Operator'),
  target('an include of text', 'include', { include: { requests: 'yes' } }, 'requests'),
  target(
    'include beside select',
    'include',
    { include: { requests: { include: { tags: true }, select: { id: true } } } },
    'requests',
  ),
  target('an unknown option', 'unknown option', { spreadsheet: SECRET }, 'spreadsheet'),
  target('an option of Prisma', 'unknown option', { where: {} }, 'where'),
  target('several at once', 'tab', { tab: '', onDelete: 'drop', key: 1 }, 'onDelete', 'key'),

  config('no targets', 'targets', { targets: undefined }, 'a list'),
  config('an empty list of targets', 'targets', { targets: [] }, 'one target or more'),
  config('a target that is no list', 'targets', { targets: sheetTarget(right) }, 'a list'),
  config('a target as it was given', 'targets.0', { targets: [right] }, 'sheetTarget({...})'),
  { ...config('nothing at all', 'defineConfig', {}), run: () => defineConfig(undefined) },
  { ...config('a function', 'defineConfig', {}), run: () => defineConfig(() => ({})) },
  config('an unknown option', 'unknown option', { target: [] }, 'target'),
  config('an unknown mode', 'capture.mode', { capture: { mode: 'triggers' } }, 'trigger'),
  config(
    'an unknown mode of a model',
    'capture.models.Tag',
    { capture: { models: { Tag: 'no' } } },
    'extension',
  ),
  config(
    'a mode of an unknown model',
    'capture.models.Tags',
    { capture: { models: { Tags: 'auto' } } },
    'Tag',
  ),
  config('a misspelt mode', 'capture', { capture: { modes: 'auto' } }, 'modes'),
  config('an unknown reaction', 'capture.unfollowed', { capture: { unfollowed: 'error' } }, 'throw'),
  config('a schema with a quote', 'schemas.library', { schemas: { library: 'a"b' } }),
  config("a schema of Postgres's own", 'schemas.queue', { schemas: { queue: 'pg_boss' } }),
  config('an empty schema', 'schemas.queue', { schemas: { queue: '' } }),
  config('no days', 'retention.days', { retention: { days: 0 } }, '1 to 365'),
  config('half a day', 'retention.days', { retention: { days: 0.5 } }, '1 to 365'),
  config('days as text', 'retention.days', { retention: { days: '7' } }, '1 to 365'),
  config('days as they are', 'retention', { retention: 7 }, 'an object'),
  config(
    'a word for a cron expression',
    'schedules.cleanup',
    { schedules: { cleanup: 'every day' } },
    'five fields',
  ),
  config('minute 99', 'schedules.reconcile', { schedules: { reconcile: '99 3 * * *' } }, 'five fields'),
  config('six fields', 'schedules.recover', { schedules: { recover: '0 */5 * * * *' } }, 'five fields'),
  config('an interval', 'schedules.recover', { schedules: { recover: '5 minutes or so ok' } }, 'five fields'),
  config('milliseconds for a cron expression', 'schedules.recover', { schedules: { recover: 300_000 } }),
  config('a time zone that there is not', 'schedules.timeZone', { schedules: { timeZone: 'Europe/Berln' } }),
  config(
    'a city for a time zone',
    'schedules.timeZone',
    { schedules: { timeZone: 'Berlin' } },
    'Europe/Berlin',
  ),
  config('an empty time zone', 'schedules.timeZone', { schedules: { timeZone: '' } }),
  two('a name twice', 'name', { tab: 'Others' }),
  two('two targets on one tab', 'tab', { name: 'others' }),
  two('two targets on one tab in another case', 'tab', { name: 'others', tab: 'AIRLINES' }),

  config('a client that is made already', 'client', { client: find }, '() => new PrismaClient'),
  {
    ...client('none', find.findMany),
    run: () => openClient(defineConfig({ targets: [sheetTarget(right)] })),
  },
  client('a function that returns nothing', () => undefined, 'got nothing'),
  client('a function that returns an adapter', () => ({ url }), 'an object'),
  client('a promise of nothing', async () => null, 'null'),
  client(
    'a client of another schema',
    () => ({ $disconnect: () => {}, user: find }),
    '"airlines"',
    'operator',
  ),
  client('a function that throws', broken, 'cannot connect to postgres://***@db/app'),

  model('nothing', undefined, 'got nothing', 'prisma generate'),
  model('null', null, 'null'),
  model('the whole module', generated, 'the module'),
  model("Prisma's own", { datamodel: { models: [] } }, 'an object'),
]
