import {
  itemFields,
  newOperator,
  newRequest,
  newRevenue,
  noteFields,
  operatorFields,
  requestFields,
  revenueFields,
} from './records.ts'
import { noteIds, operatorIds, positions, requestIds, revenueIds, tagIds, text, type Write } from './write.ts'

/** Every kind of call that changes records of one model. */
export const singleCalls: readonly Write[] = [
  {
    name: 'request.create',
    weight: 6,
    run: async (prisma, random) => {
      await prisma.request.create({
        data: newRequest(random, random.of(requestIds)),
        select: { status: true },
      })
    },
  },
  {
    name: 'request.createMany',
    weight: 2,
    run: async (prisma, random) => {
      const data = random.some(requestIds, 2, 6).map((id) => newRequest(random, id))
      await prisma.request.createMany({ data, skipDuplicates: true })
    },
  },
  {
    name: 'revenue.createManyAndReturn',
    weight: 3,
    run: async (prisma, random) => {
      const data = random.some(revenueIds, 2, 5).map((id) => ({ ...newRevenue(random, id), requestId: null }))
      await prisma.revenue.createManyAndReturn({ data, skipDuplicates: true })
    },
  },
  {
    name: 'request.update',
    weight: 14,
    run: async (prisma, random) => {
      await prisma.request.update({ where: { id: random.of(requestIds) }, data: requestFields(random) })
    },
  },
  {
    name: 'request.update of a hot record',
    weight: 14,
    run: async (prisma, random) => {
      const id = random.of(requestIds.slice(0, 3))
      await prisma.request.update({ where: { id }, data: { customerName: text(random) || 'hot' } })
    },
  },
  {
    name: 'request.updateMany',
    weight: 3,
    run: async (prisma, random) => {
      const where = { id: { in: random.some(requestIds, 3, 10) } }
      await prisma.request.updateMany({ where, data: { passengers: random.between(1, 9) } })
    },
  },
  {
    name: 'revenue.updateManyAndReturn',
    weight: 3,
    run: async (prisma, random) => {
      const where = { id: { in: random.some(revenueIds, 2, 8) } }
      await prisma.revenue.updateManyAndReturn({ where, data: { settled: random.chance(0.5) } })
    },
  },
  {
    name: 'request.upsert',
    weight: 8,
    run: async (prisma, random) => {
      const id = random.of(requestIds)
      await prisma.request.upsert({
        where: { id },
        create: newRequest(random, id),
        update: requestFields(random),
      })
    },
  },
  {
    name: 'operator.upsert',
    weight: 5,
    run: async (prisma, random) => {
      const id = random.of(operatorIds)
      await prisma.operator.upsert({
        where: { id },
        create: newOperator(random, id),
        update: operatorFields(random),
      })
    },
  },
  {
    name: 'revenue.upsert',
    weight: 6,
    run: async (prisma, random) => {
      const id = random.of(revenueIds)
      const create = { ...newRevenue(random, id), requestId: null }
      await prisma.revenue.upsert({ where: { id }, create, update: revenueFields(random) })
    },
  },
  {
    name: 'item.upsert',
    weight: 6,
    run: async (prisma, random) => {
      const key = { requestId: random.of(requestIds), position: random.of(positions) }
      const fields = itemFields(random)
      await prisma.requestItem.upsert({
        where: { requestId_position: key },
        create: { ...key, ...fields },
        update: fields,
      })
    },
  },
  {
    name: 'note.upsert',
    weight: 5,
    run: async (prisma, random) => {
      const id = random.of(noteIds)
      const fields = noteFields(random)
      const requestId = random.of(requestIds)
      await prisma.note.upsert({ where: { id }, create: { id, requestId, ...fields }, update: fields })
    },
  },
  {
    name: 'item.delete',
    weight: 3,
    run: async (prisma, random) => {
      const key = { requestId: random.of(requestIds), position: random.of(positions) }
      await prisma.requestItem.delete({ where: { requestId_position: key } })
    },
  },
  {
    name: 'note.deleteMany',
    weight: 2,
    run: async (prisma, random) => {
      await prisma.note.deleteMany({ where: { id: { in: random.some(noteIds, 1, 3) } } })
    },
  },
  {
    name: 'revenue.delete',
    weight: 3,
    run: async (prisma, random) => {
      await prisma.revenue.delete({ where: { id: random.of(revenueIds) } })
    },
  },
  {
    name: 'request.delete, items and notes with it',
    weight: 3,
    run: async (prisma, random) => {
      await prisma.request.delete({ where: { id: random.of(requestIds) } })
    },
  },
  {
    name: 'operator.delete, its requests keep none',
    weight: 1,
    run: async (prisma, random) => {
      await prisma.operator.delete({ where: { id: random.of(operatorIds) } })
    },
  },
  {
    name: 'operator.update: a name that requests show',
    weight: 4,
    run: async (prisma, random) => {
      const data = { name: text(random) || 'renamed' }
      await prisma.operator.update({ where: { id: random.of(operatorIds) }, data })
    },
  },
  {
    name: 'tag.update: a name that requests show',
    weight: 2,
    run: async (prisma, random) => {
      const id = random.of(tagIds)
      await prisma.tag.update({ where: { id }, data: { name: `tag ${id} ${random.between(0, 99)}` } })
    },
  },
  {
    name: 'item.update of its id',
    weight: 2,
    run: async (prisma, random) => {
      const key = { requestId: random.of(requestIds), position: random.of(positions) }
      const data = { position: random.of(positions), title: text(random) || 'moved' }
      await prisma.requestItem.update({ where: { requestId_position: key }, data })
    },
  },
  {
    name: 'revenue.update of its id',
    weight: 1,
    run: async (prisma, random) => {
      const data = { id: random.of(revenueIds) }
      await prisma.revenue.update({ where: { id: random.of(revenueIds) }, data })
    },
  },
]
