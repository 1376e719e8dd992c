import { afterEach, expect, it } from 'vitest'
import { FAULTS } from '../../../demo/stock-service/faults.ts'
import { QUEUES } from '../../../src/queue/queues.ts'
import { decimalOf, plus, textOfDecimal } from '../../../src/targets/merge/decimal.ts'
import { Random } from '../../../torture/random.ts'
import { until } from '../../support/wait.ts'
import { type Stage, setStage } from './support/stage.ts'

/*
 * The application and people in the warehouse move stock at random, while calls fail in every way that the service
 * knows. The model is a sum: the database's quantity, and what people moved. A movement that was made twice, or not at
 * all, is off by its size.
 */

const ARTICLES = ['a', 'b', 'c', 'd', 'e']
const MOVES = 60
const seeds = process.env.SEED ? [Number(process.env.SEED)] : [1, Math.floor(Math.random() * 1_000_000)]

let stage: Stage
afterEach(() => stage.close())

async function openWith(keys: boolean): Promise<void> {
  stage = await setStage({ timeoutMs: 400, keysKeptHours: keys ? 24 : 0 })
  await stage.stock.features({ keys })
  for (const id of ARTICLES) await stage.create(id, '100')
  await stage.world.work()
  for (const id of ARTICLES) await stage.shows(id, { stock: '100' })
  await stage.settled()
}

/** Movements of both sides under faults, then calm, until every change is through. */
async function moveAtRandom(seed: number): Promise<void> {
  const random = new Random(seed)
  await stage.stock.faults({ faults: FAULTS, share: 0.25, seed, ms: 50 })
  for (let at = 0; at < MOVES; at++) {
    const id = random.of(ARTICLES)
    const pieces = String(random.between(-999, 999) / 100)
    if (random.chance(0.5)) await stage.sell(id, pieces)
    else await stage.stock.move(id, pieces)
  }
  await stage.stock.calm()
  await until(
    'every change is through, or a dead letter',
    async () => {
      // A change that failed several times waits for minutes before its next attempt.
      await stage.world.sql.query(`update pgboss.job set start_after = now() where state = 'retry'`)
      const onTheirWay = `select from pgboss.job where name = $1 and group_tier = 'stock' and state <= 'active'`
      return (await stage.world.sql.query(onTheirWay, [QUEUES.writeBack])).length === 0
    },
    120_000,
  )
  // What was refused waits for a person.
  await stage.world.operations.retry({ target: 'stock' }, { actor: 'a test' })
  await stage.settled()
}

/** Articles whose stock is not the sum. */
async function wrong(seed: number): Promise<object[]> {
  const moved = await stage.stock.moved()
  const rows = await stage.world.app.request.findMany({ orderBy: { id: 'asc' } })
  const all = rows.map(async ({ id, budget }) => {
    const [own, others] = [decimalOf(budget), decimalOf(moved[id] ?? '0')]
    const sum = own && others && textOfDecimal(plus(own, others))
    const { stock } = (await stage.stock.article(id)) ?? {}
    return String(stock) === sum ? [] : [{ seed, id, stock, sum }]
  })
  return (await Promise.all(all)).flat()
}

it.each(seeds)('with keys every movement counts once, seed %i', { timeout: 180_000 }, async (seed) => {
  await openWith(true)
  await moveAtRandom(seed)
  expect(await wrong(seed)).toEqual([])
  expect(await stage.world.operations.conflicts()).toEqual([])
})

it.each(seeds)(
  'without keys every movement counts once, or the article waits for a person, seed %i',
  { timeout: 180_000 },
  async (seed) => {
    await openWith(false)
    await moveAtRandom(seed)
    const waiting = new Set((await stage.world.operations.conflicts()).map(({ record }) => record))
    const off = (await wrong(seed)).filter((one) => !waiting.has((one as { id: string }).id))
    expect(off).toEqual([])
  },
)
