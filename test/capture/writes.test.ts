import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Prisma, PrismaClient } from '../../prisma/generated/client/client.ts'
import { seed, type WriteCase, writeCases } from './cases.ts'
import { createWorld, type World } from './support.ts'

/** How a call is made, and whether what it wrote is there afterwards. */
interface Form {
  readonly name: string
  /** On a client without extensions Prisma runs it beside the transaction it stands in (prisma/orm #25570). */
  readonly escapesPlain?: true
  readonly commits: boolean
  readonly run: (client: PrismaClient, call: WriteCase['call']) => Promise<unknown>
}

class Undo extends Error {}

const txOf = (tx: Prisma.TransactionClient) => tx as PrismaClient
/** An element of a batch that is given to Prisma before it runs. */
const element = (promise: PromiseLike<unknown>) => promise as Prisma.PrismaPromise<unknown>
const failing = (client: PrismaClient) => client.country.delete({ where: { code: 'ZZ' } })

/** Runs `work`, takes the outcome along and undoes it. */
async function undone(work: (take: (answer: unknown) => never) => Promise<unknown>): Promise<unknown> {
  let taken: unknown
  try {
    await work((answer) => {
      taken = answer
      throw new Undo()
    })
  } catch (error) {
    if (!(error instanceof Undo)) throw error
  }
  return taken
}

const forms: readonly Form[] = [
  { name: 'alone', commits: true, run: async (client, call) => await call(client) },
  {
    name: 'interactive',
    commits: true,
    run: (client, call) => client.$transaction(async (tx) => await call(txOf(tx))),
  },
  {
    name: 'interactive, rolled back',
    commits: false,
    run: (client, call) => undone((take) => client.$transaction(async (tx) => take(await call(txOf(tx))))),
  },
  {
    name: 'nested',
    commits: true,
    run: (client, call) =>
      client.$transaction((outer) => txOf(outer).$transaction(async (tx) => await call(txOf(tx)))),
  },
  {
    name: 'nested, inner rolled back',
    commits: false,
    run: (client, call) =>
      client.$transaction((outer) =>
        undone((take) => txOf(outer).$transaction(async (tx) => take(await call(txOf(tx))))),
      ),
  },
  {
    name: 'nested, outer rolled back',
    commits: false,
    run: (client, call) =>
      undone((take) =>
        client.$transaction(async (outer) =>
          take(await txOf(outer).$transaction(async (tx) => await call(txOf(tx)))),
        ),
      ),
  },
  {
    name: 'batch',
    commits: true,
    run: async (client, call) =>
      (await client.$transaction([client.country.count(), element(call(client))]))[1],
  },
  {
    name: 'batch, rolled back',
    commits: false,
    run: async (client, call) => client.$transaction([element(call(client)), failing(client)]),
  },
  {
    name: 'batch in a transaction',
    commits: true,
    run: (client, call) =>
      client.$transaction(async (tx) => (await txOf(tx).$transaction([element(call(txOf(tx)))]))[0]),
  },
  {
    name: 'batch in a transaction, batch rolled back',
    commits: false,
    run: (client, call) =>
      client.$transaction(async (tx) =>
        txOf(tx)
          .$transaction([element(call(txOf(tx))), failing(txOf(tx))])
          .catch((error) => error),
      ),
  },
  {
    name: 'batch in a transaction, transaction rolled back',
    commits: false,
    escapesPlain: true,
    run: (client, call) =>
      undone((take) =>
        client.$transaction(async (tx) => take(await txOf(tx).$transaction([element(call(txOf(tx)))]))),
      ),
  },
]

describe.each([
  { omitted: 'nothing', omit: undefined },
  { omitted: 'ids', omit: { operator: { id: true }, requestItem: { position: true } } as const },
])('omitted by the client: $omitted', ({ omit }) => {
  let world: World
  beforeAll(async () => {
    world = await createWorld(omit && { omit })
    await world.clear()
    await seed(world.base)
    await keepTables(world)
  })
  afterAll(() => world.close())
  beforeEach(() => resetTables(world))

  // What the client omits makes a difference to the call alone; the forms were gone through before.
  const formsHere = omit ? forms.slice(0, 1) : forms

  describe.each(formsHere)('$name', (form) => {
    test.each(writeCases)('$name', async ({ call, keys }) => {
      const untouched = form.escapesPlain && (await tables(world))
      const plain = await outcome(() => form.run(world.base, call))
      const plainTables = await tables(world)
      await resetTables(world)

      const ours = await outcome(() => form.run(world.prisma, call))

      expect(ours).toEqual(plain)
      expect(await tables(world)).toEqual(untouched || plainTables)
      expect(await world.keys()).toEqual(form.commits ? keys : [])
    })
  })
})

/** An answer or an error, without what differs from one run to the next: generated ids, the time, the call site. */
async function outcome(run: () => Promise<unknown>): Promise<unknown> {
  try {
    return { answer: settled(await run()) }
  } catch (error) {
    return { error: settled(error) }
  }
}

function settled(value: unknown): unknown {
  if (value instanceof Error) {
    const { name, code, meta, message } = value as Error & { code?: string; meta?: unknown }
    // The first lines quote the call site; the words for wrong arguments differ from form to form in Prisma too.
    return { name, code, meta, message: code && message.split('\n').at(-1) }
  }
  if (value instanceof Date) return value.getTime() > Date.now() - 600_000 ? 'now' : value
  if (Array.isArray(value)) return value.map(settled)
  if (typeof value === 'object' && value !== null && value.constructor === Object) {
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, settled(inner)]))
  }
  return value
}

/** Tables that have rows before a call, those first that others refer to. */
const SEEDED = ['countries', 'operators', 'requests', 'request_items', 'notes', '"Revenue"', 'airports']

/** Keeps what the tables have. */
async function keepTables({ sql }: World): Promise<void> {
  const copies = SEEDED.map((table) => `create table kept.${table} as table ${table}`)
  await sql.query(`create schema kept; ${copies.join('; ')}`)
}

/** Makes the tables as they were kept: hundreds of times, which takes Prisma a dozen calls each. */
async function resetTables(world: World): Promise<void> {
  await world.clear()
  await world.sql.query(SEEDED.map((table) => `insert into ${table} table kept.${table}`).join('; '))
}

/** The rows of the tables that the cases write, for the comparison with what the plain client leaves. */
async function tables({ sql }: World): Promise<unknown> {
  const { rows } = await sql.query(`
    select 'operators' as of, to_jsonb(t) - 'created_at' - 'updated_at' as row from operators t
    union all select 'requests', to_jsonb(t) - 'created_at' - 'updated_at' from requests t
    union all select 'items', to_jsonb(t) from request_items t
    union all select 'notes', to_jsonb(t) - 'created_at' from notes t
    union all select 'revenues', to_jsonb(t) - 'bookedAt' from "Revenue" t
    union all select 'airports', to_jsonb(t) from airports t
    order by 1, 2`)
  return rows
}
