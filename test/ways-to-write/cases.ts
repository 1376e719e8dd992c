import type pg from 'pg'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'

/** A way to write, and what it changes in the seeded database. */
export interface CoverageCase {
  /** As in the first column of the table in docs/capture.md. */
  readonly way: string
  write(prisma: PrismaClient, pool: pg.Pool): Promise<unknown>
  /** Records that change, as `target:Model:id`; for a request also in the target that shows it with its relations. */
  readonly changes: readonly string[]
  /** Targets that have to be compared as a whole. */
  readonly reconciles?: readonly string[]
}

const request = (id: string) => ({ id, reference: `ref ${id}`, customerName: 'Ada' })
const airport = (iata: string) => ({ iata, name: iata, country: 'DE', latitude: 1, longitude: 1 })
const item = (position: number) => ({ position, kind: 'HOTEL' as const, title: 'Stay' })
const note = (at: number) => `00000000-0000-4000-a000-00000000000${at}`
const noteData = (at: number) => ({ id: note(at), author: 'x', body: 'y' })
const key = (position: number) => ({ requestId_position: { requestId: 'a', position } })
const ofRequests = (...ids: string[]) =>
  ids.flatMap((id) => [`requests:Request:${id}`, `shown:Request:${id}`])
const shown = (...ids: string[]) => ids.map((id) => `shown:Request:${id}`)
const items = (...ids: string[]) => ids.map((id) => `items:RequestItem:${id}`)
const ignore = (promise: PromiseLike<unknown>) => Promise.resolve(promise).catch(() => {})

/**
 * Every way to write. What is there before each: operators 1 and 2 (a brand of 1), requests a and b of operator 1,
 * items a|1 and a|2, note 1 of a, revenue 1 of a, airports BER and MUC, tags 1 (of a) and 2.
 */
export const CASES: readonly CoverageCase[] = [
  {
    way: '`create`',
    write: (prisma) => prisma.request.create({ data: request('c') }),
    changes: ofRequests('c'),
  },
  {
    way: '`createMany`, `createManyAndReturn`',
    write: async (prisma) => {
      await prisma.airport.createMany({ data: [airport('BER'), airport('CDG')], skipDuplicates: true })
      await prisma.airport.createManyAndReturn({ data: [airport('OSL')] })
    },
    changes: ['airports:Airport:CDG', 'airports:Airport:OSL'],
  },
  {
    way: '`update`',
    write: (prisma) => prisma.request.update({ where: { reference: 'ref a' }, data: { comment: 'x' } }),
    changes: ofRequests('a'),
  },
  {
    way: '`updateMany`, `updateManyAndReturn`',
    write: async (prisma) => {
      await prisma.airport.updateMany({ where: { iata: 'BER' }, data: { city: 'Berlin' } })
      await prisma.request.updateManyAndReturn({ where: { status: 'NEW' }, data: { status: 'BOOKED' } })
    },
    changes: ['airports:Airport:BER', ...ofRequests('a', 'b')],
  },
  {
    way: '`upsert`',
    write: async (prisma) => {
      await prisma.airport.upsert({
        where: { iata: 'BER' },
        create: airport('BER'),
        update: { city: 'Berlin' },
      })
      await prisma.airport.upsert({ where: { iata: 'OSL' }, create: airport('OSL'), update: {} })
    },
    changes: ['airports:Airport:BER', 'airports:Airport:OSL'],
  },
  {
    way: '`delete`, `deleteMany`',
    write: async (prisma) => {
      await prisma.revenue.delete({ where: { id: 1n } })
      await prisma.airport.deleteMany({ where: { iata: 'MUC' } })
    },
    changes: ['revenues:Revenue:1', 'airports:Airport:MUC'],
  },
  {
    way: 'A changed id: the old record goes, the new one comes',
    write: (prisma) => prisma.airport.update({ where: { iata: 'MUC' }, data: { iata: 'OSL' } }),
    changes: ['airports:Airport:MUC', 'airports:Airport:OSL'],
  },
  {
    way: 'Nested `create`, `createMany`, `connectOrCreate`, several levels',
    write: (prisma) =>
      prisma.operator.update({
        where: { id: 2 },
        data: {
          requests: {
            connectOrCreate: { where: { id: 'c' }, create: request('c') },
            create: {
              ...request('d'),
              items: { create: item(1) },
              notes: { createMany: { data: [noteData(2)] } },
            },
          },
        },
      }),
    changes: [...ofRequests('c', 'd'), ...items('d|1'), `notes:Note:${note(2)}`],
  },
  {
    way: 'Nested `update`, `updateMany`, `upsert`',
    write: (prisma) =>
      prisma.operator.update({
        where: { id: 1 },
        data: {
          requests: {
            update: {
              where: { id: 'a' },
              data: {
                comment: 'x',
                items: {
                  update: { where: key(1), data: { title: 'New' } },
                  upsert: { where: key(3), create: item(3), update: {} },
                },
                notes: { updateMany: { where: {}, data: { pinned: true } } },
              },
            },
          },
        },
      }),
    changes: [...ofRequests('a'), ...items('a|1', 'a|3'), `notes:Note:${note(1)}`],
  },
  {
    way: 'Nested `delete`, `deleteMany`',
    write: (prisma) =>
      prisma.request.update({
        where: { id: 'a' },
        data: { items: { delete: key(1) }, notes: { deleteMany: {} } },
      }),
    changes: [...items('a|1'), `notes:Note:${note(1)}`],
  },
  {
    way: '`connect`, `disconnect`, `set` of a one-to-many relation',
    write: async (prisma) => {
      await prisma.operator.update({ where: { id: 2 }, data: { requests: { connect: { id: 'b' } } } })
      await prisma.operator.update({ where: { id: 1 }, data: { requests: { set: [] } } })
    },
    changes: ofRequests('a', 'b'),
  },
  {
    way: '`connect`, `disconnect`, `set` of an implicit many-to-many relation that a tab shows',
    write: async (prisma) => {
      await prisma.request.update({ where: { id: 'b' }, data: { tags: { connect: { id: 2 } } } })
      await prisma.tag.update({ where: { id: 1 }, data: { requests: { set: [] } } })
    },
    changes: shown('a', 'b'),
  },
  {
    way: 'A record that a tab shows with another one (`include`)',
    write: async (prisma) => {
      await prisma.operator.update({ where: { id: 1 }, data: { name: 'Nord' } })
      await prisma.tag.update({ where: { id: 1 }, data: { name: 'VIP' } })
    },
    changes: ['operators:Operator:1', ...shown('a', 'b')],
  },
  {
    way: '`onDelete`: rows that the database deletes or clears along',
    write: (prisma) => prisma.request.delete({ where: { id: 'a' } }),
    changes: [...ofRequests('a'), ...items('a|1', 'a|2'), `notes:Note:${note(1)}`, 'revenues:Revenue:1'],
  },
  {
    way: '`onUpdate`: keys that the database changes along',
    write: (prisma) => prisma.request.update({ where: { id: 'a' }, data: { id: 'z' } }),
    changes: [
      ...ofRequests('a', 'z'),
      ...items('a|1', 'a|2', 'z|1', 'z|2'),
      `notes:Note:${note(1)}`,
      'revenues:Revenue:1',
    ],
  },
  {
    way: 'Interactive, nested and batch transactions that commit',
    write: async (prisma) => {
      await prisma.$transaction(async (tx) => {
        await tx.airport.create({ data: airport('CDG') })
        await tx.request.update({ where: { id: 'b' }, data: { comment: 'x' } })
      })
      await prisma.$transaction([
        prisma.airport.create({ data: airport('OSL') }),
        prisma.airport.delete({ where: { iata: 'MUC' } }),
      ])
    },
    changes: ['CDG', 'OSL', 'MUC'].map((iata) => `airports:Airport:${iata}`).concat(ofRequests('b')),
  },
  {
    way: 'Transactions that roll back: nothing is published',
    write: async (prisma) => {
      await ignore(
        prisma.$transaction(async (tx) => {
          await tx.airport.create({ data: airport('CDG') })
          throw new Error('no')
        }),
      )
      await ignore(
        prisma.$transaction([
          prisma.airport.create({ data: airport('OSL') }),
          prisma.airport.create({ data: airport('OSL') }),
        ]),
      )
    },
    changes: [],
  },
  {
    way: 'Raw SQL through Prisma (`$executeRaw`, `$queryRaw`)',
    write: (prisma) => prisma.$executeRaw`update requests set comment = 'raw' where id = 'b'`,
    changes: ofRequests('b'),
  },
  {
    way: 'psql, COPY, other programs',
    write: async (_prisma, pool) => {
      await pool.query(`update requests set comment = 'psql' where id = 'b'`)
      await pool.query(`copy airports (iata_code, name, country, latitude, longitude)
        from program 'echo "OSL,Oslo,NO,1,1"' with (format csv)`)
    },
    changes: [...ofRequests('b'), 'airports:Airport:OSL'],
  },
  {
    way: '`TRUNCATE`',
    write: (_prisma, pool) => pool.query('truncate notes'),
    changes: [],
    reconciles: ['notes'],
  },
]
