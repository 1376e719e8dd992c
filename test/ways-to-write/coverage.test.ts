import { readFileSync } from 'node:fs'
import pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { createWorld, type World } from '../capture/support.ts'
import {
  createTriggerWorld,
  plainTargets,
  sheetTarget,
  type TriggerWorld,
} from '../capture/triggers/support.ts'
import { CASES, type CoverageCase } from './cases.ts'

/*
 * The coverage table of docs/capture.md against what happens. An outcome is
 *
 *   exact      the records that changed are published, no others
 *   yes        the records that changed are published; one that was written without a change may be, too
 *   reported   not published, and the extension says so (a warning, or an error: `capture.unfollowed`)
 *   not seen   not published, and nothing says so
 *   compared   the whole target is asked to be compared
 */
type Outcome = 'exact' | 'yes' | 'reported' | 'not seen' | 'compared'

const targets = [
  ...plainTargets,
  sheetTarget({
    ...{ name: 'shown', spreadsheetId: 's3', tab: 'g', model: 'Request' as const },
    columns: ['reference', { header: 'Operator', value: (one) => one.operator?.name }],
    include: { operator: { select: { name: true } }, tags: { select: { name: true } } },
  }),
]

const DOCUMENT = new URL('../../docs/capture.md', import.meta.url)

/** The table: extension and triggers by way to write. */
function documented(): Map<string, readonly string[]> {
  const rows = readFileSync(DOCUMENT, 'utf8')
    .split('\n')
    .filter((line) => /^\| (?!Way|---)/.test(line))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .filter((cells) => cells.length === 5)
  return new Map(
    rows.map(([, way, extension, trigger]) => [way as string, [extension as string, trigger as string]]),
  )
}

async function seed(prisma: PrismaClient, pool: pg.Pool): Promise<void> {
  await pool.query(
    'truncate countries, airports, operators, requests, tags, "Revenue" restart identity cascade',
  )
  const request = (id: string) => ({ id, reference: `ref ${id}`, customerName: 'Ada', operatorId: 1 })
  const airport = (iata: string) => ({ iata, name: iata, country: 'DE', latitude: 1, longitude: 1 })
  await prisma.country.create({ data: { code: 'DE', name: 'Germany' } })
  await prisma.operator.create({ data: { id: 1, code: '1', name: 'North', countryCode: 'DE' } })
  await prisma.operator.create({ data: { id: 2, code: '2', name: 'South', countryCode: 'DE', parentId: 1 } })
  await prisma.request.createMany({ data: [request('a'), request('b')] })
  await prisma.requestItem.createMany({
    data: [1, 2].map((position) => ({ requestId: 'a', position, kind: 'FLIGHT' as const, title: 'Out' })),
  })
  await prisma.note.create({
    data: { id: '00000000-0000-4000-a000-000000000001', requestId: 'a', author: 'x', body: 'y' },
  })
  await prisma.revenue.create({
    data: { amount: '1', currency: 'EUR', minorUnits: 100n, accountingOn: new Date(0), requestId: 'a' },
  })
  await prisma.airport.createMany({ data: [airport('BER'), airport('MUC')] })
  await prisma.tag.createMany({
    data: [
      { id: 1, name: 'vip' },
      { id: 2, name: 'late' },
    ],
  })
  await prisma.request.update({ where: { id: 'a' }, data: { tags: { connect: { id: 1 } } } })
  await pool.query('delete from pgboss.job')
}

async function outcomeOf(one: CoverageCase, pool: pg.Pool, reports: () => number): Promise<Outcome> {
  const { rows } = await pool.query<{ name: string; key: string; target: string }>(
    `select name, data->>'target' as target, concat_ws(':', data->>'target', data->>'model', data->>'id') as key
     from pgboss.job where state = 'created'`,
  )
  const published = new Set(rows.filter((row) => row.name === 'sync.write-back').map((row) => row.key))
  const compared = rows.filter((row) => row.name === 'sync.reconcile').map((row) => row.target)
  if (one.reconciles?.every((target) => compared.includes(target))) return 'compared'
  const missing = one.reconciles ? ['a comparison'] : one.changes.filter((key) => !published.has(key))
  if (missing.length > 0) return reports() > 0 ? 'reported' : 'not seen'
  return published.size === new Set(one.changes).size ? 'exact' : 'yes'
}

test('the table names every way to write, and no other', () => {
  expect([...documented().keys()]).toEqual(CASES.map((one) => one.way))
})

describe('triggers', () => {
  let world: TriggerWorld
  beforeAll(async () => {
    world = await createTriggerWorld(targets)
  })
  afterAll(() => world.close())
  beforeEach(() => seed(world.prisma, world.pool))

  test.each(CASES)('$way', async (one) => {
    await one.write(world.prisma, world.pool)
    expect(await outcomeOf(one, world.pool, () => 0)).toBe(documented().get(one.way)?.[1])
  })
})

describe('extension', () => {
  let world: World
  let pool: pg.Pool
  beforeAll(async () => {
    world = await createWorld({ targets })
    pool = new pg.Pool({ connectionString: world.url, max: 2 })
  })
  afterAll(async () => {
    await pool.end()
    await world.close()
  })
  beforeEach(async () => {
    await seed(world.base, pool)
    world.lines.length = 0
  })

  test.each(CASES)('$way', async (one) => {
    await one.write(world.prisma, pool)
    const outcome = await outcomeOf(one, pool, () => world.lines.length)
    expect(outcome === 'exact' ? 'yes' : outcome).toBe(documented().get(one.way)?.[0])
  })
})
