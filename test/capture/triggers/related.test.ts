import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createTriggerWorld, sheetTarget, type TriggerWorld } from './support.ts'

let world: TriggerWorld

afterEach(() => world.close())

const shown = (name: string, model: 'Request' | 'Operator' | 'Tag', include: object) =>
  sheetTarget({
    name,
    spreadsheetId: 's',
    tab: name,
    model,
    columns: [{ header: 'Name', value: () => 'x' }],
    include: include as never,
  })

/** Two operators, three requests (a and b of the first), two tags, items from BER and MUC. */
async function seed() {
  const { prisma } = world
  await prisma.country.createMany({
    data: [
      { code: 'DE', name: 'Germany' },
      { code: 'FR', name: 'France' },
    ],
  })
  const airport = { name: 'n', country: 'DE', latitude: 1, longitude: 1 }
  await prisma.airport.createMany({ data: ['BER', 'MUC', 'CDG'].map((iata) => ({ iata, ...airport })) })
  await prisma.operator.createMany({
    data: [
      { id: 1, code: 'o1', name: 'North', countryCode: 'DE' },
      { id: 2, code: 'o2', name: 'South', countryCode: 'FR', parentId: 1 },
    ],
  })
  for (const [id, operatorId] of [
    ['a', 1],
    ['b', 1],
    ['c', 2],
  ] as const) {
    await prisma.request.create({ data: { id, operatorId, reference: id, customerName: id } })
  }
  await prisma.tag.createMany({
    data: [
      { id: 1, name: 'vip' },
      { id: 2, name: 'late' },
    ],
  })
  await prisma.request.update({ where: { id: 'a' }, data: { tags: { connect: { id: 1 } } } })
  await prisma.requestItem.createMany({
    data: [
      { requestId: 'a', position: 1, kind: 'FLIGHT', title: 'x', departureIata: 'BER', arrivalIata: 'CDG' },
      { requestId: 'b', position: 1, kind: 'FLIGHT', title: 'x', departureIata: 'MUC' },
    ],
  })
  await world.take()
}

const requests = (...ids: string[]) => ids.map((id) => `t:Request:${id} update`)

describe('a related record that the mirrored one refers to', () => {
  beforeEach(async () => {
    world = await createTriggerWorld([shown('t', 'Request', { operator: { select: { name: true } } })])
    await seed()
  })

  test('renaming the operator publishes every request that shows its name', async () => {
    await world.prisma.operator.update({ where: { id: 1 }, data: { name: 'Nord' } })
    expect(await world.takeLines()).toEqual(requests('a', 'b'))
  })

  test('what the tab does not read changes nothing', async () => {
    await world.prisma.operator.update({ where: { id: 1 }, data: { rating: 5, settings: { a: 1 } } })
    await world.prisma.operator.updateMany({ data: { name: 'North' }, where: { id: 1 } })
    await world.prisma.operator.create({ data: { id: 9, code: 'o9', name: 'New', countryCode: 'DE' } })
    await world.prisma.operator.delete({ where: { id: 9 } })
    expect(await world.takeLines()).toEqual([])
  })

  test('a link that moves, an operator that goes, one whose key changes', async () => {
    await world.prisma.operator.update({ where: { id: 2 }, data: { requests: { connect: { id: 'a' } } } })
    expect(await world.takeLines()).toEqual(requests('a'))
    await world.prisma.operator.update({ where: { id: 2 }, data: { id: 22 } })
    expect(await world.takeLines()).toEqual(requests('a', 'c'))
    await world.prisma.operator.delete({ where: { id: 22 } })
    expect(await world.takeLines()).toEqual(requests('a', 'c'))
  })

  test('one statement that renames several', async () => {
    await world.prisma.$executeRaw`update operators set display_name = display_name || '!'`
    expect(await world.takeLines()).toEqual(requests('a', 'b', 'c'))
  })
})

describe('several levels', () => {
  beforeEach(async () => {
    world = await createTriggerWorld([
      shown('t', 'Request', {
        operator: { include: { country: true, parent: { select: { name: true } } } },
        items: { where: { kind: 'HOTEL' }, include: { departure: { select: { city: true } } } },
      }),
    ])
    await seed()
  })

  test('the country of the operator', async () => {
    await world.prisma.country.update({ where: { code: 'DE' }, data: { name: 'Deutschland' } })
    expect(await world.takeLines()).toEqual(requests('a', 'b'))
  })

  test('the parent of the operator, through a relation of a model with itself', async () => {
    await world.prisma.operator.update({ where: { id: 1 }, data: { name: 'Nord' } })
    // c shows the name of its operator's parent; a and b show all of their operator.
    expect(await world.takeLines()).toEqual(requests('a', 'b', 'c'))
    await world.prisma.operator.update({ where: { id: 1 }, data: { rating: 1 } })
    expect(await world.takeLines()).toEqual(requests('a', 'b'))
    await world.prisma.operator.update({ where: { id: 2 }, data: { parentId: null } })
    expect(await world.takeLines()).toEqual(requests('c'))
  })

  test('the airport of an item', async () => {
    await world.prisma.airport.update({ where: { iata: 'BER' }, data: { city: 'Berlin' } })
    expect(await world.takeLines()).toEqual(requests('a'))
    await world.prisma.airport.update({ where: { iata: 'CDG' }, data: { city: 'Paris' } })
    await world.prisma.airport.update({ where: { iata: 'BER' }, data: { name: 'not read' } })
    expect(await world.takeLines()).toEqual([])
  })

  test('items that come, change, move and go; the filter is not evaluated', async () => {
    await world.prisma.requestItem.create({
      data: { requestId: 'c', position: 1, kind: 'HOTEL', title: 'x' },
    })
    expect(await world.takeLines()).toEqual(requests('c'))
    await world.prisma.requestItem.updateMany({ where: { requestId: 'a' }, data: { title: 'y' } })
    expect(await world.takeLines()).toEqual(requests('a'))
    await world.prisma.requestItem.updateMany({
      where: { requestId: 'a' },
      data: { requestId: 'c', position: 2 },
    })
    expect(await world.takeLines()).toEqual(requests('a', 'c'))
    await world.prisma.requestItem.updateMany({ where: { requestId: 'c' }, data: { departureIata: 'MUC' } })
    expect(await world.takeLines()).toEqual(requests('c'))
    await world.prisma.requestItem.deleteMany({ where: { requestId: 'c' } })
    expect(await world.takeLines()).toEqual(requests('c'))
  })

  test('a cascade through the middle: the mirrored record is deleted, nothing else is published', async () => {
    await world.prisma.request.delete({ where: { id: 'a' } })
    expect(await world.takeLines()).toEqual(['t:Request:a delete'])
    await world.prisma.operator.delete({ where: { id: 1 } })
    // b loses its operator, c's operator loses its parent.
    expect(await world.takeLines()).toEqual(requests('b', 'c'))
  })

  test('TRUNCATE of a table that is shown', async () => {
    await world.pool.query('truncate request_items')
    expect(await world.takeReconciles()).toEqual(['t'])
  })
})

describe('implicit many-to-many', () => {
  test('links and names of the other end', async () => {
    world = await createTriggerWorld([shown('t', 'Request', { tags: { select: { name: true } } })])
    await seed()
    const { prisma } = world
    await prisma.request.update({ where: { id: 'b' }, data: { tags: { connect: [{ id: 1 }, { id: 2 }] } } })
    expect(await world.takeLines()).toEqual(requests('b'))
    await prisma.tag.update({ where: { id: 2 }, data: { requests: { set: [{ id: 'c' }] } } })
    expect(await world.takeLines()).toEqual(requests('b', 'c'))
    await prisma.tag.update({ where: { id: 1 }, data: { name: 'VIP' } })
    expect(await world.takeLines()).toEqual(requests('a', 'b'))
    await prisma.tag.delete({ where: { id: 1 } })
    expect(await world.takeLines()).toEqual(requests('a', 'b'))
    await prisma.$executeRaw`update "_RequestToTag" set "A" = 'b' where "A" = 'c'`
    expect(await world.takeLines()).toEqual(requests('b', 'c'))
    await prisma.tag.update({ where: { id: 2 }, data: { id: 22 } })
    expect(await world.takeLines()).toEqual(requests('b'))
  })

  test('seen from the other end, through the mirrored model', async () => {
    world = await createTriggerWorld([
      shown('t', 'Tag', { requests: { include: { operator: { select: { name: true } } } } }),
    ])
    await seed()
    await world.prisma.operator.update({ where: { id: 1 }, data: { name: 'Nord' } })
    expect(await world.takeLines()).toEqual(['t:Tag:1 update'])
    await world.prisma.request.update({ where: { id: 'a' }, data: { comment: 'x' } })
    expect(await world.takeLines()).toEqual(['t:Tag:1 update'])
    await world.prisma.request.update({ where: { id: 'c' }, data: { tags: { connect: { id: 2 } } } })
    expect(await world.takeLines()).toEqual(['t:Tag:2 update'])
  })

  test('a relation that no tab shows publishes nothing', async () => {
    world = await createTriggerWorld([shown('t', 'Request', {})])
    await seed()
    await world.prisma.request.update({ where: { id: 'b' }, data: { tags: { connect: { id: 1 } } } })
    expect(await world.takeLines()).toEqual([])
  })
})

test('counts: links count, contents do not, unless a filter looks at them', async () => {
  world = await createTriggerWorld([
    shown('t', 'Request', {
      _count: { select: { items: true, tags: true, notes: { where: { pinned: true } } } },
    }),
  ])
  await seed()
  await world.prisma.requestItem.updateMany({ data: { title: 'z' } })
  await world.prisma.tag.updateMany({ data: { name: 'q' }, where: { id: 1 } })
  expect(await world.takeLines()).toEqual([])
  await world.prisma.requestItem.deleteMany({ where: { requestId: 'b' } })
  expect(await world.takeLines()).toEqual(requests('b'))
  await world.prisma.request.update({ where: { id: 'c' }, data: { tags: { connect: { id: 2 } } } })
  expect(await world.takeLines()).toEqual(requests('c'))
  const note = await world.prisma.note.create({ data: { requestId: 'a', author: 'x', body: 'y' } })
  expect(await world.takeLines()).toEqual(requests('a'))
  await world.prisma.note.update({ where: { id: note.id }, data: { pinned: true } })
  expect(await world.takeLines()).toEqual(requests('a'))
})

test('a filter or an order that looks through relations', async () => {
  world = await createTriggerWorld([
    shown('t', 'Request', {
      items: {
        where: { OR: [{ departure: { is: { country: 'DE' } } }] },
        orderBy: { arrival: { name: 'asc' } },
        take: 1,
      },
    }),
  ])
  await seed()
  await world.prisma.airport.update({ where: { iata: 'BER' }, data: { country: 'FR' } })
  expect(await world.takeLines()).toEqual(requests('a'))
  await world.prisma.airport.update({ where: { iata: 'CDG' }, data: { name: 'Paris' } })
  expect(await world.takeLines()).toEqual(requests('a'))
})

test('two targets of one table, and a record that is shown and mirrored at once', async () => {
  world = await createTriggerWorld([
    shown('t', 'Request', { operator: true }),
    shown('groups', 'Operator', { brands: { select: { name: true } } }),
    shown('plain', 'Operator', {}),
  ])
  await seed()
  await world.prisma.operator.update({ where: { id: 2 }, data: { name: 'Sued' } })
  expect(await world.takeLines()).toEqual([
    'groups:Operator:1 update',
    'groups:Operator:2 update',
    'plain:Operator:2 update',
    't:Request:c update',
  ])
  await world.prisma.operator.update({ where: { id: 2 }, data: { parentId: null } })
  expect(await world.takeLines()).toContain('groups:Operator:1 update')
})
