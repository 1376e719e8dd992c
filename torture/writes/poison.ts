import { CANARY, requestIds, type Write } from './write.ts'

/** One more character than a cell takes. */
export const TOO_LONG = 50_001

/** Records that no sheet can show. */
export const poison: readonly Write[] = [
  {
    name: 'a comment that no cell takes',
    weight: 1,
    run: async (prisma, random) => {
      const data = { comment: 'x'.repeat(TOO_LONG) }
      await prisma.request.update({ where: { id: random.of(requestIds) }, data })
    },
  },
]

/** Writes of the harness itself. */
export const harnessWrites: readonly Write[] = [
  {
    name: 'canary',
    weight: 0,
    run: async (prisma, random) => {
      const value = random.salt()
      await prisma.request.update({
        where: { id: CANARY.request },
        data: { customerName: `canary ${value}` },
      })
      await prisma.operator.update({ where: { id: CANARY.operator }, data: { name: `canary ${value}` } })
      await prisma.revenue.update({ where: { id: CANARY.revenue }, data: { meta: `canary ${value}` } })
    },
  },
]
