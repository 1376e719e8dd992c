import { itemFields, newOperator, newRequest, newRevenue, noteFields } from './records.ts'
import { CANARY, noteIds, operatorIds, requestIds, revenueIds, tagIds, type Write } from './write.ts'

/** The records that are there before anything goes wrong: about two thirds of those that may be. */
export const seedRecords: Write = {
  name: 'the first records',
  weight: 0,
  async run(prisma, random) {
    await prisma.country.create({ data: { code: 'DE', name: 'Germany' } })
    for (const id of tagIds) await prisma.tag.create({ data: { id, name: `tag ${id}` } })
    for (const id of [...operatorIds, CANARY.operator]) {
      await prisma.operator.create({ data: newOperator(random, id) })
    }
    const requests = [...random.some(requestIds, 24, 24), CANARY.request]
    for (const id of requests) await prisma.request.create({ data: newRequest(random, id) })
    for (const requestId of random.some(requests, 10, 10)) {
      await prisma.requestItem.create({ data: { requestId, position: 1, ...itemFields(random) } })
    }
    for (const id of [...random.some(revenueIds, 16, 16), CANARY.revenue]) {
      await prisma.revenue.create({ data: { ...newRevenue(random, id), requestId: null } })
    }
    for (const id of random.some(noteIds, 12, 12)) {
      await prisma.note.create({ data: { id, requestId: CANARY.request, ...noteFields(random) } })
    }
  },
}
