import { noteIds, requestIds, revenueIds, tagIds, text, type Write } from './write.ts'

/** Statements that Prisma hands to the database as they are: only triggers see what they change. */
export const rawWrites: readonly Write[] = [
  {
    name: 'raw update',
    weight: 4,
    triggersOnly: true,
    run: async (prisma, random) => {
      const ids = random.some(requestIds, 1, 4)
      await prisma.$executeRaw`update requests set customer_name = ${text(random)} where id = any (${ids})`
    },
  },
  {
    name: 'raw insert from a select',
    weight: 2,
    triggersOnly: true,
    run: async (prisma, random) => {
      const ids = random.some(revenueIds, 1, 4)
      await prisma.$executeRaw`
        insert into "Revenue" (id, amount, currency, "minorUnits", "accountingOn")
        select id, 12.5, 'EUR', 1250, date '2027-01-31' from unnest(${ids}::bigint[]) id on conflict do nothing`
    },
  },
  {
    name: 'raw delete',
    weight: 1,
    triggersOnly: true,
    run: async (prisma, random) => {
      const ids = random.some(noteIds, 1, 3)
      await prisma.$executeRaw`delete from notes where id = any (${ids}::uuid[])`
    },
  },
  {
    name: 'raw update of a join table',
    weight: 2,
    triggersOnly: true,
    run: async (prisma, random) => {
      const tag = random.of(tagIds)
      await prisma.$executeRaw`
        insert into "_RequestToTag" ("A", "B")
        select id, ${tag} from requests where id = any (${random.some(requestIds, 1, 3)}) on conflict do nothing`
    },
  },
]
