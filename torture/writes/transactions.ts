import { setTimeout as sleep } from 'node:timers/promises'
import { itemFields, newRequest, requestFields, revenueFields } from './records.ts'
import { ChangedItsMind, positions, requestIds, revenueIds, text, type Write } from './write.ts'

/** How long a transaction stays open after its last write, in milliseconds: workers come by meanwhile. */
const OPEN_MS = [5, 400] as const

/** Transactions: interactive and batches, all isolation levels, some of which are rolled back. */
export const transactions: readonly Write[] = [
  {
    name: 'a transaction that stays open after it wrote',
    weight: 10,
    run: async (prisma, random) => {
      const ids = random.some(requestIds.slice(0, 6), 1, 2).sort()
      await prisma.$transaction(async (tx) => {
        for (const id of ids) {
          await tx.request.updateMany({ where: { id }, data: { customerName: text(random) || 'slow' } })
        }
        await sleep(random.between(...OPEN_MS))
      })
    },
  },
  {
    name: 'a change, and at once another in a transaction that stays open',
    weight: 4,
    run: async (prisma, random) => {
      const id = random.of(requestIds)
      await prisma.request.updateMany({ where: { id }, data: { customerName: text(random) || 'first' } })
      await prisma.$transaction(async (tx) => {
        await tx.request.updateMany({ where: { id }, data: { customerName: text(random) || 'second' } })
        await sleep(random.between(...OPEN_MS))
      })
    },
  },
  {
    name: 'a transaction that is rolled back',
    weight: 6,
    run: (prisma, random) =>
      rolledBack(
        prisma.$transaction(async (tx) => {
          const id = random.of(requestIds)
          await tx.request.updateMany({ where: { id }, data: { customerName: 'must never be seen' } })
          await tx.revenue.updateMany({
            where: { id: random.of(revenueIds) },
            data: { exchangeRate: 0.000_001 },
          })
          await sleep(random.between(0, 100))
          throw new ChangedItsMind()
        }),
      ),
  },
  {
    name: 'a nested transaction that is rolled back in one that commits',
    weight: 3,
    run: async (prisma, random) => {
      await prisma.$transaction(async (tx) => {
        await tx.request.updateMany({ where: { id: random.of(requestIds) }, data: { comment: text(random) } })
        const inner = tx as unknown as typeof prisma
        await rolledBack(
          inner.$transaction(async (nested) => {
            const data = { comment: 'must never be seen' }
            await nested.request.updateMany({ where: { id: random.of(requestIds) }, data })
            throw new ChangedItsMind()
          }),
        )
        await tx.request.updateMany({
          where: { id: random.of(requestIds) },
          data: { flexible: true, passengers: 7 },
        })
      })
    },
  },
  {
    name: 'a batch',
    weight: 4,
    run: async (prisma, random) => {
      const id = random.of(requestIds)
      const key = { requestId: id, position: random.of(positions) }
      const fields = itemFields(random)
      await prisma.$transaction([
        prisma.request.upsert({
          where: { id },
          create: newRequest(random, id),
          update: requestFields(random),
        }),
        prisma.requestItem.upsert({
          where: { requestId_position: key },
          create: { ...key, ...fields },
          update: fields,
        }),
        prisma.revenue.updateMany({
          where: { id: random.of(revenueIds) },
          data: revenueFields(random) as never,
        }),
      ])
    },
  },
  {
    name: 'a batch whose last element fails',
    weight: 2,
    run: (prisma, random) =>
      rolledBack(
        prisma.$transaction([
          prisma.request.updateMany({
            where: { id: random.of(requestIds) },
            data: { customerName: 'must never be seen' },
          }),
          prisma.request.update({ where: { id: 'there is no such request' }, data: { comment: 'never' } }),
        ]),
      ),
  },
  {
    name: 'a serializable transaction',
    weight: 6,
    run: async (prisma, random) => {
      const [from, to] = random.some(requestIds.slice(0, 8), 2, 2) as [string, string]
      await prisma.$transaction(
        async (tx) => {
          const given = await tx.request.findUnique({ where: { id: from } })
          const taken = await tx.request.findUnique({ where: { id: to } })
          if (!given || !taken) return
          const passengers = (given.passengers % 9) + 1
          await tx.request.update({ where: { id: from }, data: { passengers } })
          await tx.request.update({ where: { id: to }, data: { passengers: taken.passengers % 9 || 1 } })
        },
        { isolationLevel: 'Serializable' },
      )
    },
  },
  {
    name: 'a repeatable read transaction on a hot record',
    weight: 4,
    run: async (prisma, random) => {
      const id = random.of(requestIds.slice(0, 3))
      await prisma.$transaction(
        async (tx) => {
          const request = await tx.request.findUnique({ where: { id } })
          await sleep(random.between(0, 50))
          const comment = `${request?.passengers ?? 0} travellers, ${text(random)}`
          await tx.request.updateMany({ where: { id }, data: { comment } })
        },
        { isolationLevel: 'RepeatableRead' },
      )
    },
  },
  {
    name: 'a burst on one record',
    weight: 2,
    run: async (prisma, random) => {
      const id = random.of(requestIds)
      const times = random.between(5, 20)
      for (let at = 0; at < times; at++) {
        await prisma.request.updateMany({ where: { id }, data: { customerName: `burst ${at} of ${times}` } })
      }
    },
  },
]

async function rolledBack(transaction: Promise<unknown>): Promise<void> {
  try {
    await transaction
  } catch (error) {
    const isMeant = error instanceof ChangedItsMind || (error as { code?: string }).code === 'P2025'
    if (!isMeant) throw error
  }
}
