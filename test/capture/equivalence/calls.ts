import { skip } from '@prisma/client/runtime/client'
import type { Random } from '../../differential/random.ts'
import type { Client } from './pair.ts'

/** A call of a model's method. */
export interface Call {
  readonly model: string
  readonly operation: string
  readonly args: unknown
}

/** What is there before the calls. */
export const SEED = `
  insert into authors (email, name, bio) select 'e' || n, 'Author ' || n, null from generate_series(1, 8) n;
  insert into "Book" (title, "authorId") select 'Book ' || n, n % 4 + 1 from generate_series(1, 8) n;
  insert into "Profile" ("authorId", text) values (1, 'one'), (2, 'two');
  insert into "Tag" (name) values ('a'), ('b');
  insert into "_BookToTag" select 1, 'a' union all select 1, 'b';
  insert into "Seat" ("row", number) select r, n from generate_series(1, 3) r, generate_series(1, 3) n;`

/** Every way to say which fields an answer has; `label` and `full` are computed where an extension says so. */
const SELECTIONS: Readonly<Record<string, object>> = {
  nothing: {},
  'select the key': { select: { id: true, row: true } },
  'select another': { select: { name: true, taken: true } },
  'select another, not the key': { select: { id: false, name: true, row: false, taken: true } },
  'select the computed': { select: { label: true } },
  'select the computed and another': { select: { label: true, name: true, taken: true } },
  'select what is computed from the computed': { select: { full: true } },
  'select a relation': { select: { books: { select: { title: true, label: true } } } },
  'select a count': { select: { _count: { select: { books: true } } } },
  'select nothing': { select: {} },
  'select nothing of what there is': { select: { name: false, taken: false } },
  'select null': { select: null },
  'select undefined': { select: undefined },
  'select the key as undefined': { select: { id: undefined, name: true, row: undefined, taken: true } },
  'select the key as skipped': { select: { id: skip, name: true, row: skip, taken: true } },
  'select what is not there': { select: { nope: true } },
  'omit the key': { omit: { id: true, row: true } },
  'omit another': { omit: { name: true, taken: true } },
  'omit the computed': { omit: { label: true } },
  'omit the computed and the key': { omit: { label: true, full: true, id: true, row: true } },
  'omit the key not': { omit: { id: false, row: false } },
  'omit the key as undefined': { omit: { id: undefined, row: undefined } },
  'omit the key as skipped': { omit: { id: skip, row: skip } },
  'omit all': {
    omit: {
      ...{ id: true, email: true, name: true, bio: true, settings: true, rank: true, row: true },
      ...{ number: true, taken: true },
    },
  },
  'include a relation': { include: { books: true } },
  'include a relation, omit the key': { include: { books: { omit: { id: true } } }, omit: { id: true } },
  'include and select': { include: { books: true }, select: { name: true } },
  'relations by a join': { relationLoadStrategy: 'join', include: { books: true } },
}

type Make = (random: Random, fresh: () => number) => object

const pick = <T>(random: Random, ...items: T[]): T => random.pick(items) as T
const email = (random: Random, fresh: () => number) =>
  random.chance(0.15) ? `e${random.integer(1, 8)}` : `n${fresh()}`
const authorData: Make = (random, fresh) => ({
  email: email(random, fresh),
  name: pick<unknown>(random, 'A', 'B', 'C', 7),
  ...pick<object>(random, {}, {}, {}, { bio: undefined }, { bio: skip }, { bio: null }, { nope: 1 }),
  ...pick<object>(
    random,
    {},
    {},
    { settings: { at: new Date(0), toJSON: undefined } },
    { settings: new Stamp() },
    { rank: '1.5' },
  ),
})
const withBooks: Make = (random, fresh) => ({
  ...authorData(random, fresh),
  ...pick<object>(
    random,
    {},
    { books: { create: [{ title: 't' }] } },
    { books: { createMany: { data: [{ title: 't' }, { title: 'u' }] } } },
    { books: skip },
    { books: { create: undefined } },
    { books: { connect: [{ id: 1 }], create: skip } },
    { profile: { create: { text: 'p' } } },
  ),
})
const authorChange: Make = (random) =>
  pick<object>(
    random,
    {},
    { name: 'changed' },
    { name: skip },
    { name: undefined },
    { name: 5 },
    { rank: { increment: 1 } },
    { id: { increment: 100 } },
    { email: 'e1' },
    { settings: new Stamp() },
    { books: { updateMany: { where: {}, data: { title: 'x' } } } },
    { books: { set: [] } },
    { books: { disconnect: skip } },
    { books: { deleteMany: skip } },
    { profile: { upsert: { create: { text: 'x' }, update: { text: 'y' } } } },
    { profile: { delete: true } },
  )
const plainChange: Make = (random) =>
  pick<object>(
    random,
    { name: 'changed' },
    { name: skip },
    { name: undefined },
    { name: 5 },
    { id: { increment: 1000 } },
    { email: 'e1' },
    {},
  )
const oneAuthor: Make = (random) =>
  pick<object>(
    random,
    { id: random.integer(1, 12) },
    { email: `e${random.integer(1, 8)}` },
    { id: random.integer(1, 12), name: { not: 'zzz' } },
    { id: undefined },
    { id: 'text' },
    {},
  )
const manyAuthors: Make = (random) =>
  pick<object>(
    random,
    { where: { id: { in: [random.integer(1, 30), random.integer(1, 30)] } } },
    { where: { name: { startsWith: 'Author' }, id: random.integer(1, 8) } },
    { where: { id: random.integer(1, 40), name: skip } },
    { where: { id: undefined } },
    { where: { nope: 1 } },
    { where: { id: -1 } },
    { where: { books: { some: { title: 'Book 1' } } } },
  )
/**
 * Limits that leave no choice: which records a smaller one takes is the database's. Prisma cuts fractions off, so that
 * 1.5 would be such a one.
 */
const limit: Make = (random) =>
  pick<object>(
    random,
    ...[{}, {}, {}, { limit: 400 }, { limit: 0 }, { limit: -1 }, { limit: skip }, { limit: undefined }],
    ...[{ limit: 'x' }, { limit: 0.5 }, { limit: 400.5 }],
  )
const seat: Make = (random) => ({ row: random.integer(1, 5), number: random.integer(1, 5) })
const oneSeat: Make = (random, fresh) =>
  pick<object>(random, { row_number: seat(random, fresh) }, { row_number: { row: 1 } }, { row: 1 })
const seatChange: Make = (random) =>
  pick<object>(random, { taken: true }, { taken: skip }, { number: random.integer(1, 9) }, { taken: 'x' })
const manySeats: Make = (random) =>
  pick<object>(
    random,
    ...[{ where: { row: random.integer(1, 5) } }, { where: { row: 1, number: 2 } }, { where: { row: skip } }],
  )

const MAKERS: Readonly<Record<string, Readonly<Record<string, Make>>>> = {
  author: {
    create: (random, fresh) => ({ data: withBooks(random, fresh) }),
    createMany: (random, fresh) => ({
      data: [authorData(random, fresh), authorData(random, fresh)],
      ...pick<object>(random, {}, { skipDuplicates: true }, { skipDuplicates: skip }),
    }),
    createManyAndReturn: (random, fresh) => ({ data: [authorData(random, fresh)] }),
    update: (random, fresh) => ({ where: oneAuthor(random, fresh), data: authorChange(random, fresh) }),
    updateMany: (random, fresh) => ({
      ...manyAuthors(random, fresh),
      data: plainChange(random, fresh),
      ...limit(random, fresh),
    }),
    updateManyAndReturn: (random, fresh) => ({
      ...manyAuthors(random, fresh),
      data: plainChange(random, fresh),
      ...limit(random, fresh),
    }),
    upsert: (random, fresh) => ({
      where: oneAuthor(random, fresh),
      create: withBooks(random, fresh),
      update: authorChange(random, fresh),
    }),
    delete: (random, fresh) => ({ where: oneAuthor(random, fresh) }),
    deleteMany: (random, fresh) => ({ ...manyAuthors(random, fresh), ...limit(random, fresh) }),
  },
  seat: {
    create: (random, fresh) => ({ data: seat(random, fresh) }),
    createMany: (random, fresh) => ({
      data: [seat(random, fresh), seat(random, fresh)],
      skipDuplicates: random.chance(0.5),
    }),
    createManyAndReturn: (random, fresh) => ({ data: [seat(random, fresh)] }),
    update: (random, fresh) => ({ where: oneSeat(random, fresh), data: seatChange(random, fresh) }),
    updateMany: (random, fresh) => ({ ...manySeats(random, fresh), data: seatChange(random, fresh) }),
    updateManyAndReturn: (random, fresh) => ({
      ...manySeats(random, fresh),
      data: seatChange(random, fresh),
    }),
    upsert: (random, fresh) => ({
      where: oneSeat(random, fresh),
      create: seat(random, fresh),
      update: seatChange(random, fresh),
    }),
    delete: (random, fresh) => ({ where: oneSeat(random, fresh) }),
    deleteMany: (random, fresh) => ({ ...manySeats(random, fresh), ...limit(random, fresh) }),
  },
}

/** Something for a Json field that says itself how it is stored. */
class Stamp {
  readonly #text = 'a stamp'
  readonly own = 1
  toJSON(): unknown {
    return { stamp: this.#text }
  }
}

/**
 * Calls of every operation with every selection, with random arguments, some of which are wrong.
 *
 * @param share how many of them, 0 to 1
 */
export function* calls(random: Random, share: number): Generator<Call & { readonly name: string }> {
  let last = 0
  const fresh = () => ++last
  for (const [model, operations] of Object.entries(MAKERS)) {
    for (const [operation, make] of Object.entries(operations)) {
      const counts = /Many$/.test(operation)
      for (const [name, selection] of Object.entries(SELECTIONS)) {
        if (!random.chance(share)) continue
        // What counts takes no selection.
        const args = { ...make(random, fresh), ...(counts ? {} : selection) }
        yield { name: `${model}.${operation}, ${name}`, model, operation, args }
      }
    }
  }
}

/** Makes a call in one of the forms that a call has. */
export function run({ model, operation, args }: Call, form: string, client: Client): unknown {
  const made = (on: Client) => on[model][operation](args)
  switch (form) {
    case 'in a transaction':
      return client.$transaction((tx: Client) => made(tx))
    case 'in a batch':
      return client.$transaction([client.tag.count(), made(client)])
    default:
      return made(client)
  }
}

export const FORMS = ['alone', 'in a transaction', 'in a batch'] as const
