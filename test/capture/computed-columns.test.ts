import { afterEach, describe, expect, test } from 'vitest'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { createWorld, sheetTarget } from './support.ts'
import { createTriggerWorld } from './triggers/support.ts'

/*
 * Columns that the database computes: a write names others, and what a tab shows changes. Seen by both ways to capture,
 * through a relation, on the mirrored record itself, and where a key is computed.
 */

interface Captured {
  readonly prisma: PrismaClient
  sql(text: string): Promise<Record<string, unknown>[]>
  /** The keys of the queued jobs, each once. */
  take(): Promise<string[]>
  close(): Promise<void>
}

const targets = [
  sheetTarget({
    ...{
      name: 't',
      spreadsheetId: 's',
      tab: 't',
      model: 'Request' as const,
      columns: ['reference'] as const,
    },
    include: { operator: { select: { name: true } } },
  }),
  sheetTarget({ name: 'a', spreadsheetId: 's', tab: 'a', model: 'Airport', columns: ['name'] }),
]

async function open(mode: 'extension' | 'triggers', ddl: string): Promise<Captured> {
  const opened = mode === 'extension' ? await createWorld({ targets }) : await createTriggerWorld(targets)
  const query = 'pool' in opened ? opened.pool : opened.sql
  const sql = async (text: string) => (await query.query(text)).rows
  const take = async () => {
    const rows = await sql(
      `delete from pgboss.job where name = 'sync.write-back' returning singleton_key as key`,
    )
    return [...new Set(rows.map(({ key }) => String(key).replace(/#.*/, '')))].sort()
  }
  captured = { prisma: opened.prisma, sql, take, close: () => opened.close() }
  await sql(ddl)
  await sql(`
    insert into countries (code, name) values ('DE', 'Germany');
    insert into operators (operator_id, operator_code, country_code, updated_at${ddl.includes('column display_name text') ? '' : ', display_name'})
      values (1, 'o1', 'DE', now()${ddl.includes('column display_name text') ? '' : ", 'North'"});
    insert into requests (id, reference, customer_name, operator_id, updated_at) values ('a', 'a', 'a', 1, now())`)
  await take()
  return captured
}

let captured: Captured
afterEach(() => captured.close())

const generated = (kind: string) =>
  `alter table operators drop column display_name;
   alter table operators add column display_name text generated always as (operator_code || '!') ${kind}`
const trigger = (when: string, body: string) =>
  `create function compute() returns trigger language plpgsql as $$ begin ${body} end $$;
   create trigger compute ${when} on operators for each row execute function compute()`

const WAYS = {
  'a stored generated column': generated('stored'),
  'a virtual generated column': generated('virtual'),
  'a column that a BEFORE trigger sets': trigger(
    'before insert or update',
    `new.display_name := new.operator_code || '!'; return new;`,
  ),
  'a column that an AFTER trigger sets': trigger(
    'after update',
    `if new.display_name <> new.operator_code || '!' then
       update operators set display_name = new.operator_code || '!' where operator_id = new.operator_id;
     end if; return null;`,
  ),
}

describe.each(['extension', 'triggers'] as const)('%s', (mode) => {
  describe.each(Object.entries(WAYS))('%s', (what, ddl) => {
    test('is seen through a relation, and a write that changes nothing shown is not', async ({ skip }) => {
      if (what.includes('virtual') && (await version()) < 18) return skip('Postgres has them from 18 on')
      const { prisma, take } = await open(mode, ddl)
      await prisma.operator.update({ where: { id: 1 }, data: { code: 'o2' }, select: { id: true } })
      expect(await take()).toEqual(['t:Request:a'])
      await prisma.operator.updateMany({ where: { id: 1 }, data: { code: 'o3' } })
      expect(await take()).toEqual(['t:Request:a'])
      await prisma.operator.upsert({
        where: { id: 1 },
        create: { code: 'o4', name: 'x', countryCode: 'DE' },
        update: { code: 'o4' },
        select: { id: true },
      })
      expect(await take()).toEqual(['t:Request:a'])
    })
  })

  test('a table without any: what a tab does not show is not published', async () => {
    const { prisma, take } = await open(mode, 'select 1')
    await prisma.operator.update({ where: { id: 1 }, data: { code: 'o2' } })
    expect(await take()).toEqual([])
  })

  test.each([
    [
      'a generated key',
      `alter table request_items drop constraint request_items_departure_iata_fkey, drop constraint request_items_arrival_iata_fkey;
       alter table airports drop column iata_code;
       alter table airports add column iata_code text generated always as (upper(name)) stored primary key`,
      `insert into airports (name, country, latitude, longitude) values ('ber', 'DE', 1, 1)`,
    ],
    [
      'a key that a BEFORE trigger sets',
      `create function compute() returns trigger language plpgsql as $$ begin new.iata_code := upper(new.name); return new; end $$;
       create trigger compute before insert or update on airports for each row execute function compute()`,
      `insert into airports (iata_code, name, country, latitude, longitude) values ('x', 'ber', 'DE', 1, 1)`,
    ],
  ])('%s that changes: the old record goes, the new one comes', async (_what, ddl, insert) => {
    const { prisma, sql, take } = await open(mode, ddl)
    await sql(insert)
    await take()
    await prisma.airport.updateMany({ where: { name: 'ber' }, data: { name: 'muc' } })
    expect(await take()).toEqual(['a:Airport:BER', 'a:Airport:MUC'])
  })
})

async function version(): Promise<number> {
  const world = await createWorld({ targets })
  try {
    const { rows } = await world.sql.query('show server_version_num')
    return Math.floor(rows[0].server_version_num / 10_000)
  } finally {
    await world.close()
  }
}
