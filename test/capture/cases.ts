import type { PrismaClient } from '../../prisma/generated/client/client.ts'

/** A write, and the keys of the jobs it must leave. */
export interface WriteCase {
  readonly name: string
  /** Makes the call; the client is the plain one, the extended one or a transaction's. */
  readonly call: (client: PrismaClient) => PromiseLike<unknown>
  readonly keys: readonly string[]
}

const operator = (code: string) => ({ code, name: `Operator ${code}`, countryCode: 'DE' })
const revenue = { amount: '1.5', currency: 'EUR', minorUnits: 150n, accountingOn: new Date('2026-01-01') }
const item = (position: number) => ({ position, kind: 'HOTEL' as const, title: `Item ${position}` })
const missing = { code: 'missing' }

/** What is there before each write. Ids are 100 and more, so that those of sequences are known too. */
export async function seed(client: PrismaClient): Promise<void> {
  await client.country.createMany({
    data: [
      { code: 'DE', name: 'Germany' },
      { code: 'FR', name: 'France' },
    ],
  })
  await client.operator.createMany({
    data: [100, 101, 102].map((id) => ({ id, ...operator(`c${id}`), rating: id })),
  })
  await client.request.createMany({
    data: ['r1', 'r2', 'r3'].map((id) => ({ id, reference: `ref-${id}`, customerName: 'Ada' })),
  })
  await client.requestItem.createMany({
    data: [
      { requestId: 'r1', ...item(1) },
      { requestId: 'r1', ...item(2) },
      { requestId: 'r2', ...item(1) },
    ],
  })
  await client.note.create({ data: { id: NOTE, requestId: 'r1', author: 'Eve', body: 'n' } })
  await client.revenue.create({ data: { id: 100n, ...revenue } })
  await client.airport.create({
    data: { iata: 'A|B\\', name: 'Odd', country: 'X', latitude: 0, longitude: 0 },
  })
}

const NOTE = '0f0e0d0c-0b0a-0908-0706-050403020100'

/** Every top-level write operation, in every form in which its arguments hide or change an id. */
export const writeCases: readonly WriteCase[] = [
  // create
  { name: 'create', call: (c) => c.operator.create({ data: operator('a') }), keys: ['operators:Operator:1'] },
  {
    name: 'create, select hides the id',
    call: (c) => c.operator.create({ data: operator('a'), select: { name: true } }),
    keys: ['operators:Operator:1'],
  },
  {
    name: 'create, omit hides the id',
    call: (c) => c.operator.create({ data: operator('a'), omit: { id: true, logo: true } }),
    keys: ['operators:Operator:1'],
  },
  {
    name: 'create, include',
    call: (c) => c.operator.create({ data: operator('a'), include: { country: true } }),
    keys: ['operators:Operator:1'],
  },
  {
    name: 'create, select of a relation only',
    call: (c) => c.operator.create({ data: operator('a'), select: { country: { select: { name: true } } } }),
    keys: ['operators:Operator:1'],
  },
  {
    name: 'create, fluent',
    call: (c) => c.operator.create({ data: operator('a') }).country(),
    keys: ['operators:Operator:1'],
  },
  {
    name: 'create, fluent, nothing there',
    call: (c) => c.operator.create({ data: operator('a') }).parent(),
    keys: ['operators:Operator:1'],
  },
  {
    name: 'create, bigint id, select hides it',
    call: (c) => c.revenue.create({ data: revenue, select: { amount: true } }),
    keys: ['revenues:Revenue:1'],
  },
  {
    name: 'create, composite id, select hides part of it',
    call: (c) => c.requestItem.create({ data: { requestId: 'r3', ...item(9) }, select: { position: true } }),
    keys: ['items:RequestItem:r3|9'],
  },
  {
    name: 'create, uuid in capitals',
    call: (c) =>
      c.note.create({
        data: { id: NOTE.replace('00', 'AA').toUpperCase(), requestId: 'r1', author: 'a', body: 'b' },
        select: { body: true },
      }),
    keys: [`notes:Note:${NOTE.replace('00', 'aa')}`],
  },
  {
    name: 'create, text id with separators',
    call: (c) =>
      c.airport.create({ data: { iata: 'x|\\y:z', name: 'n', country: 'c', latitude: 0, longitude: 0 } }),
    keys: ['airports:Airport:x|\\y:z'],
  },
  {
    name: 'create fails on a unique field',
    call: (c) => c.operator.create({ data: operator('c100') }),
    keys: [],
  },
  {
    name: 'create fails on a foreign key',
    call: (c) => c.operator.create({ data: { ...operator('a'), countryCode: 'XX' } }),
    keys: [],
  },
  // createMany
  {
    name: 'createMany',
    call: (c) => c.operator.createMany({ data: [operator('a'), operator('b')] }),
    keys: ['operators:Operator:1', 'operators:Operator:2'],
  },
  {
    name: 'createMany of one, not in a list',
    call: (c) => c.operator.createMany({ data: operator('a') }),
    keys: ['operators:Operator:1'],
  },
  { name: 'createMany of none', call: (c) => c.operator.createMany({ data: [] }), keys: [] },
  {
    name: 'createMany, skipDuplicates',
    call: (c) =>
      c.operator.createMany({ data: [operator('c100'), operator('b'), operator('b')], skipDuplicates: true }),
    keys: ['operators:Operator:2'],
  },
  {
    name: 'createMany fails on a unique field',
    call: (c) => c.operator.createMany({ data: [operator('a'), operator('c100')] }),
    keys: [],
  },
  {
    name: 'createMany, composite id',
    call: (c) => c.requestItem.createMany({ data: [{ requestId: 'r3', ...item(1) }] }),
    keys: ['items:RequestItem:r3|1'],
  },
  // createManyAndReturn
  {
    name: 'createManyAndReturn',
    call: (c) => c.operator.createManyAndReturn({ data: [operator('a'), operator('b')] }),
    keys: ['operators:Operator:1', 'operators:Operator:2'],
  },
  {
    name: 'createManyAndReturn, select hides the id',
    call: (c) => c.operator.createManyAndReturn({ data: [operator('a')], select: { code: true } }),
    keys: ['operators:Operator:1'],
  },
  {
    name: 'createManyAndReturn, omit and include',
    call: (c) =>
      c.operator.createManyAndReturn({
        data: [operator('a')],
        omit: { id: true },
        include: { country: true },
      }),
    keys: ['operators:Operator:1'],
  },
  {
    name: 'createManyAndReturn, skipDuplicates of all',
    call: (c) => c.operator.createManyAndReturn({ data: [operator('c100')], skipDuplicates: true }),
    keys: [],
  },
  // update
  {
    name: 'update',
    call: (c) => c.operator.update({ where: { id: 100 }, data: { name: 'New' } }),
    keys: ['operators:Operator:100'],
  },
  {
    name: 'update by a unique field that it changes',
    call: (c) => c.operator.update({ where: { code: 'c100' }, data: { code: 'z' }, select: { code: true } }),
    keys: ['operators:Operator:100'],
  },
  {
    name: 'update, fluent, to many',
    call: (c) => c.operator.update({ where: { id: 100 }, data: { name: 'New' } }).requests(),
    keys: ['operators:Operator:100'],
  },
  {
    name: 'update, fluent, to many, with arguments',
    call: (c) =>
      c.request
        .update({ where: { id: 'r1' }, data: { comment: 'c' } })
        .items({ where: { position: 2 }, select: { title: true } }),
    keys: ['requests:Request:r1'],
  },
  {
    name: 'update, fluent twice',
    call: (c) =>
      c.operator
        .update({ where: { id: 100 }, data: { name: 'New' } })
        .country()
        .operators({ orderBy: { id: 'asc' }, select: { code: true } }),
    keys: ['operators:Operator:100'],
  },
  {
    name: 'update of the id',
    call: (c) => c.operator.update({ where: { id: 100 }, data: { id: 200 }, select: { name: true } }),
    keys: ['operators:Operator:100', 'operators:Operator:200'],
  },
  {
    name: 'update of the id to what it is',
    call: (c) => c.operator.update({ where: { id: 100 }, data: { id: 100 } }),
    keys: ['operators:Operator:100'],
  },
  {
    name: 'update of the id by arithmetic',
    call: (c) => c.operator.update({ where: { id: 100 }, data: { id: { increment: 50 } } }),
    keys: ['operators:Operator:100', 'operators:Operator:150'],
  },
  {
    name: 'update of part of a composite id',
    call: (c) =>
      c.requestItem.update({
        where: { requestId_position: { requestId: 'r1', position: 1 } },
        data: { position: 7 },
        select: { title: true },
      }),
    keys: ['items:RequestItem:r1|1', 'items:RequestItem:r1|7'],
  },
  {
    name: 'update of a composite id through its relation',
    call: (c) =>
      c.requestItem.update({
        where: { requestId_position: { requestId: 'r1', position: 1 } },
        data: { request: { connect: { id: 'r3' } } },
      }),
    keys: ['items:RequestItem:r1|1', 'items:RequestItem:r3|1'],
  },
  {
    name: 'update of nothing',
    call: (c) => c.operator.update({ where: { id: 100 }, data: {} }),
    keys: ['operators:Operator:100'],
  },
  {
    name: 'update of a record that is not there',
    call: (c) => c.operator.update({ where: missing, data: { name: 'n' } }),
    keys: [],
  },
  {
    name: 'update of the id of a record that is not there',
    call: (c) => c.operator.update({ where: missing, data: { id: 5 } }),
    keys: [],
  },
  {
    name: 'update fails on a unique field',
    call: (c) => c.operator.update({ where: { id: 100 }, data: { code: 'c101' } }),
    keys: [],
  },
  {
    name: 'update with arguments that are wrong',
    call: (c) => c.operator.update({ where: { id: 100 }, data: { nonsense: 1 } as object }),
    keys: [],
  },
  {
    name: 'update with an empty select',
    call: (c) => c.operator.update({ where: { id: 100 }, data: {}, select: {} }),
    keys: [],
  },
  // updateMany
  {
    name: 'updateMany',
    call: (c) => c.operator.updateMany({ where: { id: { gt: 100 } }, data: { name: 'n' } }),
    keys: ['operators:Operator:101', 'operators:Operator:102'],
  },
  {
    name: 'updateMany that ends its own condition',
    call: (c) => c.operator.updateMany({ where: { active: true }, data: { active: false } }),
    keys: ['operators:Operator:100', 'operators:Operator:101', 'operators:Operator:102'],
  },
  {
    name: 'updateMany, limit of none',
    call: (c) => c.operator.updateMany({ data: { name: 'n' }, limit: 0 }),
    keys: [],
  },
  {
    name: 'updateMany, limit above',
    call: (c) => c.operator.updateMany({ where: { id: 101 }, data: { name: 'n' }, limit: 2 }),
    keys: ['operators:Operator:101'],
  },
  {
    name: 'updateMany of none',
    call: (c) => c.operator.updateMany({ where: missing, data: { name: 'n' } }),
    keys: [],
  },
  {
    name: 'updateMany of ids',
    call: (c) => c.operator.updateMany({ where: { id: { lt: 102 } }, data: { id: { increment: 500 } } }),
    keys: [
      'operators:Operator:100',
      'operators:Operator:101',
      'operators:Operator:600',
      'operators:Operator:601',
    ],
  },
  {
    name: 'updateMany of composite ids',
    call: (c) =>
      c.requestItem.updateMany({ where: { requestId: 'r1' }, data: { position: { increment: 10 } } }),
    keys: [
      'items:RequestItem:r1|1',
      'items:RequestItem:r1|11',
      'items:RequestItem:r1|12',
      'items:RequestItem:r1|2',
    ],
  },
  {
    name: 'updateMany of ids, none',
    call: (c) => c.operator.updateMany({ where: missing, data: { id: 5 } }),
    keys: [],
  },
  // updateManyAndReturn
  {
    name: 'updateManyAndReturn',
    call: (c) =>
      c.operator.updateManyAndReturn({ where: { id: 100 }, data: { name: 'n' }, select: { name: true } }),
    keys: ['operators:Operator:100'],
  },
  {
    name: 'updateManyAndReturn of ids',
    call: (c) =>
      c.operator.updateManyAndReturn({ where: { id: 100 }, data: { id: 300 }, omit: { id: true } }),
    keys: ['operators:Operator:100', 'operators:Operator:300'],
  },
  {
    name: 'updateManyAndReturn of none',
    call: (c) => c.operator.updateManyAndReturn({ where: missing, data: { name: 'n' } }),
    keys: [],
  },
  // upsert
  {
    name: 'upsert that creates',
    call: (c) =>
      c.operator.upsert({ where: missing, create: operator('missing'), update: {}, select: { code: true } }),
    keys: ['operators:Operator:1'],
  },
  {
    name: 'upsert that updates',
    call: (c) =>
      c.operator.upsert({ where: { code: 'c100' }, create: operator('c100'), update: { name: 'n' } }),
    keys: ['operators:Operator:100'],
  },
  {
    name: 'upsert that changes the id',
    call: (c) =>
      c.operator.upsert({ where: { code: 'c100' }, create: operator('c100'), update: { id: 200 } }),
    keys: ['operators:Operator:100', 'operators:Operator:200'],
  },
  {
    name: 'upsert that could change the id, creates',
    call: (c) => c.operator.upsert({ where: missing, create: operator('missing'), update: { id: 200 } }),
    keys: ['operators:Operator:1'],
  },
  {
    name: 'upsert, fluent',
    call: (c) =>
      c.operator.upsert({ where: { id: 100 }, create: operator('m'), update: { name: 'n' } }).country(),
    keys: ['operators:Operator:100'],
  },
  {
    name: 'upsert fails on a unique field',
    call: (c) => c.operator.upsert({ where: missing, create: operator('c100'), update: {} }),
    keys: [],
  },
  // delete
  {
    name: 'delete',
    call: (c) => c.operator.delete({ where: { code: 'c100' }, select: { name: true } }),
    keys: ['operators:Operator:100'],
  },
  {
    name: 'delete, composite id',
    call: (c) => c.requestItem.delete({ where: { requestId_position: { requestId: 'r1', position: 2 } } }),
    keys: ['items:RequestItem:r1|2'],
  },
  {
    name: 'delete, fluent',
    call: (c) => c.operator.delete({ where: { id: 100 } }).country(),
    keys: ['operators:Operator:100'],
  },
  {
    name: 'delete of a record that is not there',
    call: (c) => c.operator.delete({ where: missing }),
    keys: [],
  },
  // deleteMany
  {
    name: 'deleteMany',
    call: (c) => c.operator.deleteMany({ where: { id: { gte: 101 } } }),
    keys: ['operators:Operator:101', 'operators:Operator:102'],
  },
  {
    name: 'deleteMany without arguments',
    call: (c) => c.revenue.deleteMany(),
    keys: ['revenues:Revenue:100'],
  },
  {
    name: 'deleteMany, limit',
    call: (c) => c.operator.deleteMany({ where: { id: 101 }, limit: 1 }),
    keys: ['operators:Operator:101'],
  },
  { name: 'deleteMany of none', call: (c) => c.operator.deleteMany({ where: missing }), keys: [] },
  {
    name: 'deleteMany, composite ids',
    call: (c) => c.requestItem.deleteMany({ where: { title: 'Item 1' } }),
    keys: ['items:RequestItem:r1|1', 'items:RequestItem:r2|1'],
  },
]
