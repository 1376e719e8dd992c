import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../support/wait.ts'
import { type Stage, setStage } from './support/stage.ts'
import type { TargetOptions } from './support/target.ts'

let stage: Stage
const open = async (options?: TargetOptions) => {
  stage = await setStage(options)
  await stage.world.work()
}
afterEach(() => stage.close())

/** An article of 100 that both sides know, and nothing on its way. */
async function agreed(id = 'a'): Promise<void> {
  await stage.create(id, '100')
  await stage.shows(id, { stock: '100' })
  await stage.settled()
}

const PUT = { method: 'PUT' } as const

describe('a lost answer', () => {
  it.each(['error-before', 'error-after', 'reset-before', 'reset-after', 'late'] as const)(
    'of a write (%s) is found out: the movement is made once',
    async (fault) => {
      await open()
      await agreed()
      await stage.stock.faults({ ...PUT, faults: [fault] })
      await stage.sell('a', 5)
      await stage.shows('a', { stock: '95' })
      await stage.settled()
      await stage.sell('a', 1)
      await stage.shows('a', { stock: '94' })
    },
  )

  it.each(['hang-before', 'hang-after'] as const)(
    'that never comes (%s) is not waited for',
    async (fault) => {
      await open({ timeoutMs: 300 })
      await agreed()
      await stage.stock.faults({ ...PUT, faults: [fault] })
      await stage.sell('a', 5)
      await stage.shows('a', { stock: '95' })
      await stage.settled()
      expect(await stage.stock.article('a')).toMatchObject({ stock: '95' })
    },
  )

  it('of a write before which somebody else moved something is found out by its key', async () => {
    await open()
    await agreed()
    await stage.stock.faults({ ...PUT, faults: ['error-after'], times: 2 })
    await stage.stock.faults({ method: 'GET', faults: ['race'], times: 4 })
    await stage.sell('a', 5)
    await stage.settled()
    await until('all is calm', async () =>
      (await stage.world.jobs('stock')).every(({ state }) => state !== 'retry'),
    )
    expect(await stage.stock.article('a')).toMatchObject({ stock: '91' })
  })

  it('of a first write is found out as well', async () => {
    await open()
    await stage.stock.faults({ ...PUT, faults: ['error-after'] })
    await stage.create('a', '7')
    await stage.shows('a', { stock: '7' })
    await stage.settled()
    await stage.sell('a', 2)
    await stage.shows('a', { stock: '5' })
  })
})

describe('a lost answer of a system that knows no keys', () => {
  it('is found out by its version while nobody else changes the record', async () => {
    await open({ keysKeptHours: 0 })
    await stage.stock.features({ keys: false })
    await agreed()
    for (const fault of ['error-before', 'error-after', 'late'] as const) {
      await stage.stock.faults({ ...PUT, faults: [fault] })
      await stage.sell('a', 5)
      await stage.settled()
    }
    await stage.shows('a', { stock: '85' })
  })

  it('waits for a person where somebody else moved the stock meanwhile, and neither loses nor repeats a movement', async () => {
    await open({ keysKeptHours: 0 })
    await stage.stock.features({ keys: false })
    await agreed()
    // The write arrives, its answer is lost, and before anybody looks one piece is taken.
    await stage.stock.faults({ ...PUT, faults: ['error-after'] })
    await stage.stock.faults({ method: 'GET', faults: ['slow'], ms: 1 })
    await stage.stock.faults({ method: 'GET', faults: ['race'] })
    await stage.sell('a', 5)
    const [conflict] = await until('it is listed', async () => {
      const open = await stage.world.operations.conflicts()
      return open.length > 0 && open
    })
    await stage.settled()
    expect(conflict).toMatchObject({
      column: 'stock',
      base: '100',
      database: '95',
      sheet: '94',
      winner: 'none',
    })
    // Until somebody decides nothing of it is written, whatever happens.
    await stage.sell('a', 1)
    await stage.note('a', 'other fields go on')
    await stage.shows('a', { note: 'other fields go on', stock: '94' })
    await stage.settled()
    await stage.world.operations.resolveConflict(String(conflict?.id), { value: 93 }, { actor: 'ada' })
    await stage.shows('a', { stock: '93' })
    await stage.settled()
    await stage.stock.move('a', -3)
    await stage.sell('a', 10)
    await stage.shows('a', { stock: '80' })
    expect(await stage.world.operations.conflicts()).toEqual([])
  })
})

describe('somebody else', () => {
  it('who moves something between reading and writing is read again', async () => {
    await open()
    await agreed()
    await stage.stock.faults({ ...PUT, faults: ['race'], times: 2 })
    await stage.sell('a', 5)
    await stage.shows('a', { stock: '93' })
    await stage.settled()
  })

  it('who does so without an end makes it wait, and nothing else', async () => {
    await open()
    await agreed('a')
    await agreed('b')
    await stage.stock.faults({ ...PUT, faults: ['race'], times: 6, id: 'a' })
    await stage.sell('a', 5)
    await stage.sell('b', 5)
    await stage.shows('b', { stock: '95' })
    await stage.shows('a', { stock: '89' })
  })
})

describe('a repeat of the same write', () => {
  it('has the same key, and the same change made again later has not', async () => {
    await open()
    await agreed()
    for (const fault of ['error-after', 'error-after'] as const) {
      await stage.stock.faults({ ...PUT, faults: [fault] })
      // 100 to 95, and back by hand: the same values again, another movement.
      await stage.sell('a', 5)
      await stage.shows('a', { stock: '95' })
      await stage.settled()
      await stage.world.app.request.update({ where: { id: 'a' }, data: { budget: '100' } })
      await stage.shows('a', { stock: '100' })
      await stage.settled()
    }
  })
})

describe('a record that the system refuses', () => {
  it('becomes a dead letter with its reason, and the others go on', async () => {
    await open()
    const bad = { id: 'bad', reference: 'bad', customerName: 'x'.repeat(81), budget: '1' }
    await stage.world.app.request.create({ data: bad })
    await stage.stock.faults({ ...PUT, faults: ['error-before'], times: 100, id: 'sad' })
    await stage.create('sad', '1')
    await stage.create('good', '1')
    await stage.shows('good', { stock: '1' })
    await until('the one that breaks it waits for its next attempt', async () =>
      (await stage.world.jobs('stock')).some(
        ({ record, state, code }) =>
          record === 'sad' && state === 'retry' && code === 'PLACE_OUTCOME_UNKNOWN',
      ),
    )
    const [letter] = await until('the refused one is a dead letter', async () => {
      const letters = await stage.world.operations.listDeadLetters()
      return letters.length > 0 && letters
    })
    expect(letter).toMatchObject({
      record: 'bad',
      error: { code: 'PLACE_REFUSED', message: 'a name has at most 80 letters' },
    })
  })
})

it('a record at which connections break is told from a system that is away by a probe', async () => {
  await open({ probe: true })
  await agreed()
  await stage.stock.faults({ ...PUT, faults: ['reset-before'], times: 100 })
  await stage.sell('a', 5)
  await until('it has used up an attempt', async () =>
    (await stage.world.jobs('stock')).some(
      ({ state, code }) => state === 'retry' && code === 'PLACE_OUTCOME_UNKNOWN',
    ),
  )
  expect(stage.world.operations.health(await stage.world.operations.stats()).verdict).not.toBe('broken')
  await stage.stock.calm()
  await stage.shows('a', { stock: '95' })
})

describe('a system that is away', () => {
  it.each(['away', 'limit'] as const)('(%s) makes its target wait, and uses up no attempt', async (fault) => {
    await open()
    await agreed()
    await stage.stock.faults({ faults: [fault], times: 4 })
    await stage.sell('a', 5)
    await until('status says so', async () => {
      const { complaints } = stage.world.operations.health(await stage.world.operations.stats())
      return complaints.some(({ message }) =>
        message.includes(fault === 'away' ? 'PLACE_UNAVAILABLE' : 'PLACE_QUOTA'),
      )
    })
    expect((await stage.world.jobs('stock')).every(({ attempts }) => attempts === 0)).toBe(true)
    await stage.shows('a', { stock: '95' })
    await stage.settled()
    expect((await stage.world.jobs('stock')).every(({ attempts }) => attempts === 0)).toBe(true)
  })

  it('and cannot even be reached does so too', async () => {
    await open()
    await agreed()
    await stage.stock.stop()
    await stage.sell('a', 5)
    await until('status says so', async () => {
      const { complaints } = stage.world.operations.health(await stage.world.operations.stats())
      return complaints.some(({ message }) => message.includes('PLACE_UNAVAILABLE'))
    })
    expect((await stage.world.jobs('stock')).every(({ attempts }) => attempts === 0)).toBe(true)
  })
})
