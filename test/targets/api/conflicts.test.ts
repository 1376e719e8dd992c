import { afterEach, describe, expect, it } from 'vitest'
import type { ApiStrategy } from '../../../src/index.ts'
import type { Take } from '../../../src/operations/index.ts'
import { until } from '../../support/wait.ts'
import { type Stage, setStage } from './support/stage.ts'

let stage: Stage
afterEach(() => stage.close())

/** Both sides change the note of an article. @returns once that has been decided */
async function bothChange(note: ApiStrategy): Promise<void> {
  stage = await setStage({ note })
  await stage.world.work()
  await stage.create('a', '5', 'before')
  await stage.shows('a', { note: 'before' })
  await stage.settled()
  await stage.stock.put('a', { name: 'Article a', stock: '5', note: 'theirs' })
  await stage.note('a', 'ours')
  await stage.settled()
}

const note = async () => (await stage.stock.article('a'))?.note
const listed = () => stage.world.operations.conflicts({ state: 'all' })

describe('both sides changed a value', () => {
  it('the database wins', async () => {
    await bothChange('database-wins')
    expect(await note()).toBe('ours')
    expect(await listed()).toMatchObject([
      {
        column: 'note',
        base: 'before',
        database: 'ours',
        sheet: 'theirs',
        winner: 'database',
        state: 'resolved',
      },
    ])
  })

  it('the place wins, and is listed until both agree', async () => {
    await bothChange('place-wins')
    expect(await note()).toBe('theirs')
    expect(await listed()).toMatchObject([{ winner: 'sheet', state: 'open' }])
    await stage.note('a', 'theirs')
    await stage.settled()
    expect(await listed()).toMatchObject([{ state: 'resolved' }])
  })

  it('a function decides', async () => {
    await bothChange((base, database, place) => `${base}/${database}/${place}`)
    expect(await note()).toBe('before/ours/theirs')
    // That stands until either side changes again.
    await stage.sell('a', 1)
    await stage.shows('a', { stock: '4', note: 'before/ours/theirs' })
  })

  it('the later one wins, where the place says when', async () => {
    stage = await setStage({ note: { lastWriter: { field: 'updatedAt', placeField: 'changedAt' } } })
    await stage.world.work()
    await stage.create('a', '5', 'before')
    await stage.shows('a', { note: 'before' })
    await stage.settled()
    const theirs = (changedAt: Date) =>
      stage.stock.put('a', { name: 'Article a', stock: '5', note: 'theirs', changedAt })
    await theirs(new Date(Date.now() + 3_600_000))
    await stage.note('a', 'ours')
    await stage.settled()
    expect(await note()).toBe('theirs')
    await theirs(new Date(0))
    await stage.note('a', 'ours again')
    await stage.shows('a', { note: 'ours again' })
  })

  it.each<[Take, string]>([
    ['sheet', 'theirs'],
    ['database', 'ours'],
    [{ value: 'a third' }, 'a third'],
  ])('a person decides: %j', async (take, expected) => {
    await bothChange('manual')
    expect(await note()).toBe('theirs')
    const [conflict] = await until('it is listed', async () => {
      const open = await stage.world.operations.conflicts()
      return open.length > 0 && open
    })
    expect(conflict).toMatchObject({ record: 'a', column: 'note', winner: 'none', state: 'open' })
    const done = await stage.world.operations.resolveConflict(String(conflict?.id), take, { actor: 'ada' })
    expect(done).toMatchObject({ target: 'stock', record: 'a', column: 'note', queued: true })
    await stage.settled()
    await stage.shows('a', { note: expected })
    expect(await stage.world.operations.conflicts()).toEqual([])
    // It holds when another field changes, and ends with the next change of the value.
    await stage.sell('a', 1)
    await stage.shows('a', { stock: '4', note: expected })
    await stage.settled()
    expect(await stage.world.operations.conflicts()).toEqual([])
  })

  it('is seen by a comparison, where the database did not change', async () => {
    stage = await setStage({ note: 'manual' })
    await stage.world.work()
    await stage.create('a', '5', 'before')
    await stage.shows('a', { note: 'before' })
    await stage.settled()
    await stage.stock.put('a', { name: 'Article a', stock: '5', note: 'theirs' })
    await stage.world.reconcile('stock')
    await stage.settled()
    expect(await listed()).toMatchObject([{ winner: 'none', state: 'open', sheet: 'theirs' }])
  })
})
