import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import {
  asWriteConflict,
  callSiteOf,
  fluentPath,
  globallyOmitted,
  type HookCall,
  isPrismaPromise,
  type PrismaTransaction,
  plainClient,
  rawIn,
  readIn,
  run,
  type SeamClient,
  transactionOf,
  transactionOfClient,
} from '../../src/capture/extension/seam.ts'
import { isWritebackError } from '../../src/errors.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

/*
 * Each thing that the seam takes from Prisma without being promised it, on its own: when a version of Prisma
 * changes one, the test that fails says which.
 */

type Raw = { transaction?: PrismaTransaction; dataPath?: string[]; action?: string; model?: string }

let database: TestDatabase
let base: PrismaClient
/** The calls that a hook saw. */
let calls: HookCall[]
let hook: (call: HookCall) => Promise<unknown>
let prisma: PrismaClient

beforeAll(async () => {
  database = await createTestDatabase()
  base = new PrismaClient({
    adapter: new PrismaPg({ connectionString: database.url, max: 3 }),
    omit: { country: { dialCode: true }, operator: { logo: true, settings: false } },
  })
  prisma = base.$extends({
    query: { $allOperations: (call) => hook(call as HookCall) },
  }) as unknown as PrismaClient
})
afterAll(async () => {
  await base.$disconnect()
  await database.drop()
})
beforeEach(async () => {
  calls = []
  hook = async (call) => {
    calls.push(call)
    return call.query(call.args)
  }
  await base.country.deleteMany()
  await base.country.create({ data: { code: 'DE', name: 'Germany' } })
})

const internal = (call: HookCall | undefined) =>
  (call as unknown as { __internalParams: Raw }).__internalParams
const update = (client: PrismaClient, name: string) =>
  client.country.update({ where: { code: 'DE' }, data: { name } })

describe('what a query hook is given: __internalParams', () => {
  test('none of a transaction for a call on its own', async () => {
    await update(prisma, 'a')
    expect(calls).toHaveLength(1)
    expect(internal(calls[0])).toMatchObject({ action: 'update', model: 'Country', dataPath: [] })
    expect(internal(calls[0]).transaction).toBeUndefined()
    expect(transactionOf(calls[0] as HookCall)).toBeUndefined()
  })

  test('itx with the id of the transaction in an interactive one, and in one nested in it', async () => {
    const ids: unknown[] = []
    await prisma.$transaction(async (tx) => {
      ids.push(transactionOfClient(tx).id)
      await update(tx as PrismaClient, 'a')
      await (tx as PrismaClient).$transaction(async (inner) => {
        ids.push(transactionOfClient(inner).id)
        await update(inner as PrismaClient, 'b')
      })
    })
    const seen = calls.map((call) => transactionOf(call))
    expect(seen.map((one) => one?.kind)).toEqual(['itx', 'itx'])
    expect(seen.map((one) => one?.id)).toEqual(ids)
    expect(new Set(ids).size).toBe(1)
    expect(typeof ids[0]).toBe('string')
  })

  test('batch with a position and a lock in $transaction([...])', async () => {
    await prisma.$transaction([prisma.country.count(), update(prisma, 'a')])
    expect(calls.map((call) => transactionOf(call))).toMatchObject([
      { kind: 'batch', index: 0 },
      { kind: 'batch', index: 1 },
    ])
    expect((internal(calls[1]).transaction as { lock?: unknown }).lock).toHaveProperty('then')
  })

  test('the path of a fluent call, and a select that asks for it alone', async () => {
    await update(prisma, 'a').operators({ take: 1 })
    expect(internal(calls[0]).dataPath).toEqual(['select', 'operators'])
    expect(fluentPath(calls[0] as HookCall)).toEqual(['operators'])
    expect(calls[0]?.args).toMatchObject({ select: { operators: { take: 1 } } })
  })

  test('the place of the call', async () => {
    await update(prisma, 'a')
    expect(callSiteOf(calls[0] as HookCall)).toMatch(/seam\.test\.ts:\d+:\d+$/)
  })

  test('a path of two for a fluent call of two', async () => {
    await base.operator.create({ data: { id: 1, code: 'a', name: 'a', countryCode: 'DE' } })
    await prisma.operator
      .update({ where: { id: 1 }, data: {} })
      .country()
      .operators()
    expect(fluentPath(calls[0] as HookCall)).toEqual(['country', 'operators'])
    await base.operator.deleteMany()
  })
})

describe('what the second parameter of query does', () => {
  test('another operation of the model, in the transaction of the call', async () => {
    hook = async (call) =>
      call.operation === 'createMany'
        ? run(call, { args: call.args, operation: 'createManyAndReturn' })
        : call.query(call.args)
    await prisma
      .$transaction(async (tx) => {
        const data = [{ code: 'FR', name: 'France' }]
        expect(await tx.country.createMany({ data })).toEqual([{ code: 'FR', name: 'France' }])
        throw new Error('undo')
      })
      .catch((error) => expect(error.message).toBe('undo'))
    expect(await base.country.count()).toBe(1)
  })

  test('a transaction that the call was not in', async () => {
    await base
      .$transaction(async (tx) => {
        const transaction = transactionOfClient(tx)
        hook = async (call) => run(call, { args: call.args, transaction })
        await update(prisma, 'inside')
        expect(await tx.country.findFirst()).toMatchObject({ name: 'inside' })
        expect(await base.country.findFirst()).toMatchObject({ name: 'Germany' })
        throw new Error('undo')
      })
      .catch((error) => expect(error.message).toBe('undo'))
    expect(await base.country.findFirst()).toMatchObject({ name: 'Germany' })
  })

  test('a fluent call answers with the whole record when its path is taken away', async () => {
    hook = async (call) => run(call, { args: { ...call.args, select: { ...call.args.select, code: true } } })
    expect(await update(prisma, 'a').operators()).toEqual({ code: 'DE', operators: [] })
  })
})

describe('joining a transaction: requestTransaction', () => {
  test('a raw statement joins an interactive transaction', async () => {
    await base
      .$transaction(async (tx) => {
        const transaction = transactionOfClient(tx)
        await rawIn(base, transaction, `update countries set name = $1`, ['raw'])
        expect(await tx.country.findFirst()).toMatchObject({ name: 'raw' })
        throw new Error('undo')
      })
      .catch((error) => expect(error.message).toBe('undo'))
    expect(await base.country.findFirst()).toMatchObject({ name: 'Germany' })
  })

  test('a raw statement joins a batch, right after the element that it belongs to', async () => {
    hook = async (call) => {
      const transaction = transactionOf(call) as PrismaTransaction
      const text = `insert into tags (name) select name from countries`
      const [answer] = await Promise.all([call.query(call.args), rawIn(base, transaction, text, [])])
      return answer
    }
    await prisma.$transaction([update(prisma, 'first'), update(prisma, 'second')])
    expect(await base.tag.findMany({ orderBy: { id: 'asc' } })).toMatchObject([
      { name: 'first' },
      { name: 'second' },
    ])
    await base.tag.deleteMany()
  })

  test('a batch that fails undoes the raw statement too', async () => {
    hook = async (call) => {
      const transaction = transactionOf(call) as PrismaTransaction
      const raw = rawIn(base, transaction, `insert into tags (name) values ('t')`, [])
      const [answer] = await Promise.all([call.query(call.args), raw])
      return answer
    }
    const failing = prisma.country.delete({ where: { code: 'ZZ' } })
    await expect(prisma.$transaction([update(prisma, 'first'), failing])).rejects.toMatchObject({
      code: 'P2025',
    })
    expect(await base.tag.count()).toBe(0)
  })

  test('a promise of the client is known by its tag', () => {
    expect(isPrismaPromise(base.country.count())).toBe(true)
    expect(isPrismaPromise(base.$queryRaw`select 1`)).toBe(true)
    expect(isPrismaPromise(Promise.resolve())).toBe(false)
    expect(isPrismaPromise(null)).toBe(false)
  })
})

describe('past the extensions: $parent', () => {
  test('the client at the bottom of an extended one calls no hooks', async () => {
    const further = prisma.$extends({ name: 'further' }) as unknown as SeamClient
    for (const client of [further, prisma as unknown as SeamClient, base as unknown as SeamClient]) {
      const plain = plainClient(client) as unknown as PrismaClient
      expect(await plain.country.count()).toBe(1)
    }
    expect(calls).toEqual([])
  })

  test('records of any model are read in a transaction', async () => {
    await prisma.$transaction(async (tx) => {
      await update(tx as PrismaClient, 'inside')
      calls = []
      const transaction = transactionOfClient(tx)
      const plain = plainClient(prisma as unknown as SeamClient)
      const args = { where: { code: 'DE' }, select: { name: true } }
      expect(await readIn(plain, transaction, 'Country', 'findUnique', args)).toEqual({ name: 'inside' })
      expect(await readIn(plain, transaction, 'RequestItem', 'findMany', {})).toEqual([])
    })
    expect(calls).toEqual([])
  })
})

test('what the client omits: _globalOmit', () => {
  expect([...globallyOmitted(base, 'Country')]).toEqual(['dialCode'])
  expect([...globallyOmitted(prisma, 'Operator')]).toEqual(['logo'])
  expect([...globallyOmitted(prisma, 'Tag')]).toEqual([])
})

test("the error of a raw statement, and Prisma's for a write conflict", async () => {
  const raise = (state: string) =>
    base.$executeRawUnsafe(`do $$ begin raise exception using errcode = '${state}', message = 'm'; end $$`)
  const conflict = asWriteConflict(await raise('40001').catch((error) => error))
  expect(conflict).toMatchObject({ name: 'PrismaClientKnownRequestError', code: 'P2034' })
  expect(conflict).toHaveProperty('clientVersion')
  expect(asWriteConflict(await raise('40P01').catch((error) => error))).toMatchObject({ code: 'P2034' })
  const other = await raise('22012').catch((error) => error)
  expect(asWriteConflict(other)).toBe(other)
})

describe('a Prisma that changed is refused with a reason', () => {
  test.each<[string, () => unknown]>([
    ['no internal parameters', () => transactionOf({ query: async () => {}, operation: 'update', args: {} })],
    [
      'another kind of transaction',
      () =>
        transactionOf({ __internalParams: { transaction: { kind: 'saga', id: 1 } } } as unknown as HookCall),
    ],
    ['a transaction client without its scope', () => transactionOfClient({})],
    [
      'a promise that cannot join',
      () => rawIn({ $queryRawUnsafe: async () => [] } as never, { kind: 'itx', id: 'x' }, 'select 1', []),
    ],
  ])('%s', (_case, use) => {
    let thrown: unknown
    try {
      use()
    } catch (error) {
      thrown = error
    }
    expect(isWritebackError(thrown, 'PRISMA_SEAM_CHANGED')).toBe(true)
  })
})
