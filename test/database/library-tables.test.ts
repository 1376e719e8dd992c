import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { RateLimiterPostgres } from 'rate-limiter-flexible'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
let prisma: PrismaClient
let pool: pg.Pool

beforeAll(async () => {
  database = await createTestDatabase()
  prisma = new PrismaClient({ adapter: new PrismaPg(database.url) })
  pool = new pg.Pool({ connectionString: database.url, max: 4 })
})

afterAll(async () => {
  await prisma.$disconnect()
  await pool.end()
  await database.drop()
})

test('the quota table is what the rate limiter writes, from several processes, without making it', async () => {
  const limiter = () =>
    new RateLimiterPostgres({
      storeClient: pool,
      tableName: 'sync_quota',
      tableCreated: true,
      clearExpiredByTimeout: false,
      keyPrefix: 'sheets',
      points: 10,
      duration: 60,
    })
  const [first, second] = [limiter(), limiter()]

  const results = await Promise.allSettled(
    Array.from({ length: 14 }, (_, i) => (i % 2 === 0 ? first : second).consume('project:minute')),
  )

  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
  const [row] = await prisma.syncQuota.findMany()
  expect(row).toMatchObject({ key: 'sheets:project:minute', points: 14 })
  expect(Number(row?.expire)).toBeGreaterThan(Date.now())
})

test('a cell has at most one open conflict, and any number of resolved ones', async () => {
  const cell = { target: 'requests', recordKey: 'r1', column: 'Status', reason: 'changed on both sides' }
  const resolve = { state: 'resolved', open: null, winner: 'sheet', resolvedAt: new Date() } as const

  const { id } = await prisma.syncConflict.create({ data: { ...cell, base: 'a', database: 'b', sheet: 'c' } })
  await expect(prisma.syncConflict.create({ data: cell })).rejects.toMatchObject({ code: 'P2002' })
  await prisma.syncConflict.create({ data: { ...cell, column: 'Budget' } })

  await prisma.syncConflict.update({ where: { id }, data: resolve })
  const next = await prisma.syncConflict.create({ data: cell })
  await prisma.syncConflict.update({ where: { id: next.id }, data: resolve })

  expect(
    await prisma.syncConflict.groupBy({
      by: ['column', 'state'],
      _count: true,
      orderBy: [{ column: 'asc' }],
    }),
  ).toEqual([
    { column: 'Budget', state: 'open', _count: 1 },
    { column: 'Status', state: 'resolved', _count: 2 },
  ])
})

test('the open conflicts of a target are read from the unique index', async () => {
  await pool.query(
    `insert into sync_conflict (target, record_key, column_name, reason, state, open)
     select 'many', n::text, 'c', 'test', 'resolved', null from generate_series(1, 5000) as n`,
  )
  await pool.query('analyze sync_conflict')
  const { rows } = await pool.query(
    `explain (format json) select * from sync_conflict where target = 'many' and open`,
  )
  expect(JSON.stringify(rows)).toContain('sync_conflict_target_open_record_key_column_name_key')
})

test('plain SQL writes rows with the same defaults as the client', async () => {
  await pool.query(
    `insert into sync_target (name, lane, model, tab) values ('t', 'l', 'Request', 'Requests')`,
  )
  await pool.query(`insert into sync_lane (id) values ('l')`)
  await pool.query(`insert into sync_record (target, record_key, base) values ('t', '1', '{"Name": "x"}')`)
  await pool.query(`insert into sync_audit (actor, action) values ('ada', 'pause')`)

  expect(await prisma.syncTarget.findUniqueOrThrow({ where: { name: 't' } })).toMatchObject({
    state: 'active',
    kind: 'sheet',
    place: {},
    sheetId: null,
    apiCalls: 0n,
    rowsWritten: 0n,
    rowsRemoved: 0n,
    repaired: 0n,
    updatedAt: expect.any(Date),
  })
  expect(await prisma.syncLane.findUniqueOrThrow({ where: { id: 'l' } })).toMatchObject({
    fence: 0,
    fenceState: 'on',
    circuit: 'closed',
    failures: 0,
    holder: null,
  })
  expect(
    await prisma.syncRecord.findUniqueOrThrow({
      where: { target_recordKey: { target: 't', recordKey: '1' } },
    }),
  ).toMatchObject({
    base: { Name: 'x' },
    missingSince: null,
  })
  expect(await prisma.syncAudit.findFirst()).toMatchObject({
    actor: 'ada',
    action: 'pause',
    target: null,
    subject: {},
  })
})
