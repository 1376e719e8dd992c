import type { PrismaPg } from '@prisma/adapter-pg'
import { expectTypeOf } from 'vitest'
import { type Country, type Operator, Prisma, PrismaClient } from '../../prisma/generated/client/client.ts'
import { withWriteback, writeback } from '../../src/capture/extension/extension.ts'
import type { WritebackConfig } from '../../src/config/define-config.ts'

/*
 * Types only: `tsc --noEmit` reads this file, nothing runs it. The extended client must type like the plain one.
 */

declare const config: WritebackConfig
declare const adapter: PrismaPg
const base = new PrismaClient({ adapter })
const prisma = base.$extends(writeback(config))
type Extended = typeof prisma

const data = { code: 'a', name: 'A', countryCode: 'DE' }

export async function results(): Promise<void> {
  expectTypeOf(await prisma.operator.create({ data })).toEqualTypeOf<Operator>()
  expectTypeOf(await prisma.operator.create({ data, select: { name: true } })).toEqualTypeOf<{
    name: string
  }>()
  expectTypeOf(await prisma.operator.create({ data, omit: { id: true } })).toEqualTypeOf<
    Omit<Operator, 'id'>
  >()
  const included = await prisma.operator.update({ where: { id: 1 }, data: {}, include: { country: true } })
  expectTypeOf(included.country).toEqualTypeOf<Country>()
  const nested = await prisma.operator.upsert({
    where: { code: 'a' },
    create: data,
    update: {},
    select: { requests: { select: { items: { select: { position: true } } } } },
  })
  expectTypeOf(nested).toEqualTypeOf<{ requests: { items: { position: number }[] }[] }>()
  expectTypeOf(await prisma.operator.createMany({ data: [data] })).toEqualTypeOf<{ count: number }>()
  const many = await prisma.operator.createManyAndReturn({ data, select: { code: true } })
  expectTypeOf(many).toEqualTypeOf<{ code: string }[]>()
  expectTypeOf(await prisma.operator.deleteMany()).toEqualTypeOf<{ count: number }>()
  expectTypeOf(await prisma.operator.delete({ where: { id: 1 } }).country()).toEqualTypeOf<Country>()
  expectTypeOf(await prisma.$queryRaw<{ n: number }[]>`select 1 as n`).toEqualTypeOf<{ n: number }[]>()
}

export async function refused(): Promise<void> {
  // @ts-expect-error: no such field
  await prisma.operator.create({ data: { ...data, nonsense: 1 } })
  // @ts-expect-error: no such field to select
  await prisma.operator.update({ where: { id: 1 }, data: {}, select: { nonsense: true } })
  // @ts-expect-error: a required field is missing
  await prisma.operator.create({ data: { code: 'a' } })
  // @ts-expect-error: code is text
  await prisma.operator.update({ where: { code: 1 }, data: {} })
  // @ts-expect-error: what is not selected is not there
  await prisma.operator.create({ data, select: { name: true } }).then((one) => one.code)
  // @ts-expect-error: no such model
  await prisma.nonsense.create({ data })
}

export async function transactions(): Promise<void> {
  const [operator, count, rows] = await prisma.$transaction([
    prisma.operator.update({ where: { id: 1 }, data: {}, select: { code: true } }),
    prisma.country.count(),
    prisma.country.findMany(),
  ])
  expectTypeOf(operator).toEqualTypeOf<{ code: string }>()
  expectTypeOf(count).toEqualTypeOf<number>()
  expectTypeOf(rows).toEqualTypeOf<Country[]>()

  const answer = await prisma.$transaction(
    async (tx) => {
      // @ts-expect-error: a transaction's client cannot be extended
      tx.$extends({})
      return tx.operator.create({ data, select: { id: true } })
    },
    { isolationLevel: Prisma.TransactionIsolationLevel.RepeatableRead, timeout: 1000 },
  )
  expectTypeOf(answer).toEqualTypeOf<{ id: number }>()

  // @ts-expect-error: elements are promises of the client, not values
  await prisma.$transaction([1])
  // @ts-expect-error: no such option
  await prisma.$transaction([], { nonsense: 1 })
}

/** What the plain client extended with nothing can be passed to, the extended one can be passed to. */
type PlainExtended = ReturnType<typeof plainExtended>
const plainExtended = () => base.$extends({})
type TransactionOf<Client extends { $transaction: unknown }> = Client['$transaction'] extends (
  run: (tx: infer Transaction) => Promise<unknown>,
) => unknown
  ? Transaction
  : never

declare function takesExtended(client: PlainExtended): void
declare function takesOwn(client: Extended): void
declare function takesTransaction(tx: TransactionOf<PlainExtended>): void
declare function takesRaw(client: Pick<PrismaClient, '$queryRaw' | '$executeRaw'>): void
declare function generic<Client extends object>(client: Client): Client

export async function passing(): Promise<void> {
  takesExtended(prisma)
  takesOwn(prisma)
  takesRaw(prisma)
  takesOwn(generic(prisma))
  await prisma.$transaction(async (tx) => {
    takesTransaction(tx)
    takesRaw(tx)
  })
}

declare function takesPlain(client: PrismaClient): void
declare function takesPlainTransaction(tx: Prisma.TransactionClient): void

/** Prisma's own extended clients do not fit these (prisma/orm #20738); withWriteback keeps the type as it is. */
export async function passingAsPlain(): Promise<void> {
  const client = withWriteback(base, config)
  takesPlain(client)
  await client.$transaction(async (tx) => takesPlainTransaction(tx))
  // @ts-expect-error: the extended client does not fit
  takesPlain(prisma)
}

/** Extensions before and after keep what they add. */
export async function among(): Promise<void> {
  const labelled = base
    .$extends({
      result: {
        operator: { label: { needs: { code: true, name: true }, compute: (o) => `${o.code} ${o.name}` } },
      },
    })
    .$extends(writeback(config))
  expectTypeOf((await labelled.operator.create({ data })).label).toEqualTypeOf<string>()
  const selected = await labelled.operator.update({ where: { id: 1 }, data: {}, select: { label: true } })
  expectTypeOf(selected).toEqualTypeOf<{ label: string }>()

  const greeting = prisma.$extends({ client: { $greet: () => 'hello' } })
  const hello: string = greeting.$greet()
  // @ts-expect-error: it answers with text
  const wrong: number = greeting.$greet()
  expectTypeOf([hello, wrong]).toBeArray()
  expectTypeOf(await greeting.operator.create({ data })).toEqualTypeOf<Operator>()

  const omitting = new PrismaClient({ adapter, omit: { operator: { id: true } } }).$extends(writeback(config))
  expectTypeOf(await omitting.operator.create({ data })).toEqualTypeOf<Omit<Operator, 'id'>>()
}
