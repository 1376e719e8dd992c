import { inspect, isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Random } from '../differential/random.ts'
import { calls, FORMS, run, SEED } from './equivalence/calls.ts'
import { type Client, openPair, type Pair, type Variant } from './equivalence/pair.ts'

/*
 * The extended client answers as the plain one does, fails as it does, and leaves the same rows. EQUIVALENCE_SEED
 * repeats a random run.
 */

let pair: Pair
beforeAll(async () => {
  pair = await openPair()
}, 120_000)
afterAll(() => pair.close())
beforeEach(async () => {
  await pair.reset(SEED)
  await pair.published()
})

const computed = (result: object) => (client: Client) => client.$extends({ result })
const from = (...needs: string[]) => ({
  needs: Object.fromEntries(needs.map((name) => [name, true])),
  compute: (record: Record<string, unknown>) => `<${needs.map((name) => record[name])}>`,
})
const labels = computed({
  author: { label: from('id'), full: from('label', 'name') },
  book: { label: from('id', 'title') },
  seat: { label: from('row', 'number') },
})
/** How many of all operations with all selections a run makes of each client. */
const SHARE = 0.4
const WHOLE = { depth: 9, breakLength: 200 }
const omitted = { author: { id: true }, seat: { row: true } }

const PLAIN: Variant = { name: 'no other extension' }
const VARIANTS: readonly Variant[] = [
  PLAIN,
  { name: 'without strictUndefinedChecks', features: ['relationJoins'] },
  { name: 'fields computed from the key, before', before: labels },
  { name: 'fields computed from the key, after', after: labels, features: [] },
  { name: 'fields computed from others', before: computed({ author: { label: from('name') } }) },
  {
    name: 'fields computed from nothing',
    before: computed({ $allModels: { label: from() } }),
  },
  { name: 'ids omitted by the client', options: { omit: omitted } },
  {
    name: 'ids omitted by the client, fields computed from them',
    options: { omit: omitted },
    before: labels,
    features: [],
  },
]

describe.each(VARIANTS)('$name', (variant) => {
  const seed = Number(process.env.EQUIVALENCE_SEED ?? Math.floor(Math.random() * 1e6))

  test(`operations with selections, seed ${seed}`, async () => {
    const random = new Random(seed)
    let answered = 0
    const differences: object[] = []
    for (const call of calls(random, SHARE)) {
      const form = random.pick(FORMS) ?? 'alone'
      const [plain, capturing] = await pair.outcomes(variant, form, (client) => run(call, form, client))
      // Prisma's own mistake, when it quotes arguments of a batch.
      const misquoted = 'error' in plain && plain.error.name === 'TypeError'
      // The order of the fields counts too.
      const same = misquoted || inspect(plain, WHOLE) === inspect(capturing, WHOLE)
      const [expected, rows] = await pair.rows()
      if (!same || !isDeepStrictEqual(expected, rows)) {
        const what = `${call.name}, ${form}: ${inspect(call.args, WHOLE)}`
        differences.push({ what, plain, capturing, ...(same && { expected, rows }) })
        await pair.reset(SEED)
      }
      if ('answer' in plain) answered++
    }
    expect(differences.slice(0, 6)).toEqual([])
    expect(answered).toBeGreaterThan(20)
  }, 180_000)
})

/** Mistakes that were made once, each by itself. */
describe('answers', () => {
  const both = async (call: (client: Client) => unknown, variant = PLAIN) => {
    const [plain, capturing] = await pair.outcomes(variant, 'alone', call)
    expect(capturing).toEqual(plain)
    const [expected, rows] = await pair.rows()
    expect(rows).toEqual(expected)
    return capturing
  }

  test('a field computed from the key, which the call does not ask for', async () => {
    const data = { email: 'a', name: 'A' }
    const create = (args: object) => (client: Client) => client.author.create({ data, ...args })
    const computing: Variant = { name: 'label', before: labels, features: [] }
    expect(await both(create({ select: { label: true } }), computing)).toEqual({ answer: { label: '<9>' } })
    const many = { data: [{ email: 'b', name: 'B' }], omit: { id: true } }
    const answer = await both((client) => client.author.createManyAndReturn(many), computing)
    expect(answer).toMatchObject({ answer: [{ label: '<10>', full: '<<10>,B>' }] })
    expect(await pair.published()).toEqual(['authors:Author:10', 'authors:Author:9'])
  })

  test('deleteMany where undefined is refused', async () => {
    const where = undefined
    expect(await both((client) => client.author.deleteMany({ where }))).toHaveProperty('error')
    expect(await both((client) => client.author.deleteMany())).toEqual({ answer: { count: 8 } })
    expect(await both((client) => client.book.deleteMany({ where: { id: { lt: 3 } } }))).toEqual({
      answer: { count: 2 },
    })
  })

  test('a limit of nothing, on a composite id', async () => {
    const call = (client: Client) => client.seat.deleteMany({ where: { row: 1 }, limit: 0 })
    expect(await both(call)).toEqual({ answer: { count: 0 } })
    expect(await both((client) => client.seat.deleteMany({ limit: -1 }))).toHaveProperty('error')
  })

  test('an object with a toJSON in a Json field', async () => {
    class Money {
      readonly #amount = 5
      toJSON() {
        return { amount: this.#amount }
      }
    }
    const data = { email: 'a', name: 'A', settings: new Money() }
    expect(await both((client) => client.author.create({ data }))).toMatchObject({
      answer: { settings: { amount: 5 } },
    })
  })

  test('arguments that are changed after the call', async () => {
    const call = async (client: Client) => {
      const data = { email: 'a', name: 'A', settings: { list: [1] } }
      const promise = client.author.create({ data }).then((answer: object) => answer)
      // Prisma looks at them when the call is awaited.
      await Promise.resolve()
      await Promise.resolve()
      data.settings.list.push(2)
      return promise
    }
    expect(await both(call)).toMatchObject({ answer: { settings: { list: [1] } } })
  })

  test("a single call does not run at the isolation level of the client's transactions", async () => {
    const variant: Variant = {
      name: 'serializable',
      options: { transactionOptions: { isolationLevel: 'Serializable', timeout: 1_000 } },
      before: (client) => client,
    }
    const [, capturing] = pair.clients(variant)
    const level = 'select current_setting($$transaction_isolation$$) as level'
    const [{ level: inside }] = await capturing.$transaction((tx: Client) => tx.$queryRawUnsafe(level))
    expect(inside).toBe('serializable')
    await pair.levelsOfWrites()
    await capturing.author.update({ where: { id: 1 }, data: { name: 'n' } })
    expect(await pair.levelsOfWrites()).toEqual(['read committed'])
  })
})
