import { itemFields, newRequest, noteFields, operatorFields, requestFields } from './records.ts'
import { operatorIds, positions, requestIds, tagIds, text, type Write } from './write.ts'

/** Calls that change records of several models. */
export const nestedWrites: readonly Write[] = [
  {
    name: 'request.create with items, notes and tags',
    weight: 4,
    run: async (prisma, random) => {
      const { operatorId, ...fields } = newRequest(random, random.of(requestIds))
      await prisma.request.create({
        data: {
          ...fields,
          ...(operatorId && { operator: { connect: { id: operatorId } } }),
          items: {
            create: random.some(positions, 1, 3).map((position) => ({ position, ...itemFields(random) })),
          },
          notes: { create: [noteFields(random)] },
          tags: { connect: random.some(tagIds, 0, 3).map((id) => ({ id })) },
        } as never,
      })
    },
  },
  {
    name: 'request.update of its tags',
    weight: 4,
    run: async (prisma, random) => {
      const tags = random.some(tagIds, 0, 4).map((id) => ({ id }))
      const change = random.of(['set', 'connect', 'disconnect'] as const)
      await prisma.request.update({
        where: { id: random.of(requestIds) },
        data: { tags: { [change]: tags } },
      })
    },
  },
  {
    name: 'request.update with its items',
    weight: 4,
    run: async (prisma, random) => {
      const requestId = random.of(requestIds)
      const position = random.of(positions)
      const fields = itemFields(random)
      await prisma.request.update({
        where: { id: requestId },
        data: {
          passengers: random.between(1, 9),
          items: {
            upsert: {
              where: { requestId_position: { requestId, position } },
              create: { position, ...fields },
              update: fields,
            },
            deleteMany: { position: random.of(positions.filter((other) => other !== position)) },
          },
        },
      })
    },
  },
  {
    name: 'request.update of its operator',
    weight: 3,
    run: async (prisma, random) => {
      const operator = random.chance(0.7) ? { connect: { id: random.of(operatorIds) } } : { disconnect: true }
      await prisma.request.update({ where: { id: random.of(requestIds) }, data: { operator } })
    },
  },
  {
    name: 'operator.update three levels down',
    weight: 2,
    run: async (prisma, random) => {
      await prisma.operator.update({
        where: { id: random.of(operatorIds) },
        data: {
          ...operatorFields(random),
          requests: {
            updateMany: { where: { status: 'NEW' }, data: { status: 'OFFERED' } },
            update: {
              where: { id: random.of(requestIds) },
              data: { comment: text(random), notes: { create: noteFields(random) } },
            },
          },
        },
      })
    },
  },
  {
    name: 'operator.update: connects and creates requests',
    weight: 2,
    run: async (prisma, random) => {
      const id = random.of(requestIds)
      const { operatorId: _, ...create } = newRequest(random, id)
      await prisma.operator.update({
        where: { id: random.of(operatorIds) },
        data: {
          requests: {
            connectOrCreate: { where: { id }, create: create as never },
            connect: [{ id: random.of(requestIds) }],
          },
        },
      })
    },
  },
  {
    name: 'request.upsert with a tag of its own',
    weight: 1,
    run: async (prisma, random) => {
      const id = random.of(requestIds)
      const { operatorId: _, ...create } = newRequest(random, id)
      const { operatorId: __, ...update } = requestFields(random)
      const name = `tag of ${id}`
      const tags = { connectOrCreate: { where: { name }, create: { name } } }
      await prisma.request.upsert({
        where: { id },
        create: { ...create, tags } as never,
        update: { ...update, tags },
      })
    },
  },
]
