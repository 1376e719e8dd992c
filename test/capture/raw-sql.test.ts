import { describe, expect, test } from 'vitest'
import { namesTable, rawWrite } from '../../src/capture/extension/raw-sql.ts'
import { UnfollowedReporter } from '../../src/capture/extension/report.ts'
import type { HookCall } from '../../src/capture/extension/seam.ts'
import { memoryLog } from './support.ts'

describe('a raw statement names a table', () => {
  test.each<[string, string]>([
    ['user-settings', 'update "user-settings" set a = 1'],
    ['user settings', 'UPDATE "User Settings" SET a = 1'],
    ['a.b', 'delete from "public"."a.b"'],
    ['größe', 'update größe set a = 1'],
    ['größe', 'update public."größe" set a = 1'],
    ['表', 'truncate a, 表'],
    ['say "hi"', 'insert into "say ""hi""" values (1)'],
    ['user-settings', `insert into a values ('5" pipe'); delete from "user-settings"`],
    ['user-settings', `/* "a */ -- "\n delete from only "user-settings"`],
    ['user-settings', String.raw`update U&"user\002dsettings" set a = 1`],
    ['größe', `update u&"gr!00f6!+0000dfe" uescape '!' set a = 1`],
    ['user-settings', 'with gone as (delete from "user-settings" returning *) select * from gone'],
    ['user-settings', 'merge into "user-settings" s using a on true when matched then delete'],
    ['user-settings', 'copy "user-settings" from stdin'],
    ['user-settings', 'truncate a, "user-settings" cascade'],
    ['user-settings', `do $$ begin update "user-settings" set a = 1; end $$`],
    ['operators', 'update public.operators set a = 1'],
  ])('%s: %s', (table, sql) => {
    expect(namesTable(sql)(table)).toBe(true)
  })

  test.each<[string, string]>([
    ['user-settings', 'update "user-settings-old" set a = 1'],
    ['user', 'update users set a = 1'],
    ['gr', 'update größe set a = 1'],
    ['b', 'update "a.bc" set a = 1'],
  ])('not %s: %s', (table, sql) => {
    expect(namesTable(sql)(table)).toBe(false)
  })
})

test.each<[string, string | undefined]>([
  ['update "user-settings" set name = $$Ada$$', 'update "user-settings"'],
  [`-- 'Ada'\n insert  into public."a b" values ('Ada')`, 'insert into public."a b"'],
  ['with x as (delete from only notes returning *) select 1', 'delete from only notes'],
  ['truncate a, b', 'truncate a'],
  ['select 1', undefined],
])('what is said of a statement holds no values: %s', (sql, said) => {
  expect(rawWrite(sql)).toBe(said)
})

describe('a report is made once for each statement', () => {
  const call = (sql: string, fileName: string | null): HookCall =>
    ({
      operation: '$executeRawUnsafe',
      args: [sql],
      query: async () => {},
      __internalParams: {
        callsite: { getLocation: () => fileName && { fileName, lineNumber: 103, columnNumber: 5 } },
      },
    }) as unknown as HookCall
  const effect = [{ model: 'Note', because: 'raw SQL' }]
  const reports = (...calls: HookCall[]) => {
    const { log, lines } = memoryLog()
    const reporter = new UnfollowedReporter(log, 'warn')
    for (const one of calls) reporter.report(one, effect)
    return lines
  }
  const NODE = 'node:internal/process/task_queues'

  test('although Prisma knows no better place than inside of Node', () => {
    const lines = reports(
      call('update notes set a = 1', NODE),
      call('update notes set b = 1', NODE),
      call('delete from notes', NODE),
      call('update notes set a = 1', NODE),
    )
    expect(lines).toHaveLength(3)
    expect(lines[2]).toMatchObject({ statement: 'delete from notes' })
    expect(lines[0]).not.toHaveProperty('site')
  })

  test('statements that differ in their values alone are one', () => {
    const update = (value: string) => call(`update notes set a = '${value}' where id = ${value.length}`, NODE)
    expect(reports(update('Ada'), update("O''Hara"), update('x'))).toHaveLength(1)
  })

  test('of places in the application, each has its own', () => {
    const sql = 'delete from notes'
    expect(reports(call(sql, '/app/a.ts'), call(sql, '/app/b.ts'), call(sql, '/app/a.ts'))).toHaveLength(2)
  })
})
