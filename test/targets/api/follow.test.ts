import { afterEach, describe, expect, it } from 'vitest'
import { until } from '../../support/wait.ts'
import { type Stage, setStage } from './support/stage.ts'
import type { TargetOptions } from './support/target.ts'

let stage: Stage
const open = async (options?: TargetOptions) => {
  stage = await setStage(options)
}
const work = () => stage.world.work()
afterEach(() => stage.close())

describe('an outside system', () => {
  it('follows creates, updates and deletes', async () => {
    await open()
    await work()
    await stage.create('a', '10.50', 'new')
    await stage.create('b', '3')
    await stage.shows('a', { name: 'Article a', stock: '10.5', note: 'new' })
    await stage.note('a', 'newer')
    await stage.world.app.request.delete({ where: { id: 'b' } })
    await stage.shows('a', { note: 'newer', stock: '10.5' })
    await stage.shows('b', null)
    await stage.settled()
    const { verdict } = stage.world.operations.health(await stage.world.operations.stats())
    expect(verdict).toBe('well')
  })

  it('keeps a deleted record as a tombstone, and counts on from there when it comes back', async () => {
    await open({ onDelete: 'tombstone' })
    await work()
    await stage.create('a', '10', 'here')
    await stage.shows('a', { stock: '10' })
    await stage.world.app.request.delete({ where: { id: 'a' } })
    await stage.shows('a', { stock: '0', note: 'gone' })
    await stage.settled()
    // The tombstone is no surplus, and is not written again.
    const { output } = await stage.world.reconcile('stock')
    expect(output.found).toMatchObject([{ missing: 0, differs: 0, surplus: 0 }])
    await stage.stock.move('a', 2)
    await stage.create('a', '50', 'back')
    await stage.shows('a', { stock: '52', note: 'back' })
  })

  it('leaves a deleted record as it is where neither removal nor tombstone is given', async () => {
    await open({ onDelete: 'nothing' })
    await work()
    await stage.create('a', '10')
    await stage.shows('a', { stock: '10' })
    await stage.world.app.request.delete({ where: { id: 'a' } })
    await stage.settled()
    expect(await stage.stock.article('a')).toMatchObject({ stock: '10' })
  })

  it('counts the movements of both sides', async () => {
    await open()
    await work()
    await stage.create('a', '100')
    await stage.shows('a', { stock: '100' })
    await stage.stock.move('a', '20.25')
    await stage.sell('a', '5.5')
    await stage.shows('a', { stock: '114.75' })
    await stage.stock.move('a', '-4.75')
    await stage.sell('a', '10')
    await stage.shows('a', { stock: '100' })
    await stage.settled()
    const row = await stage.world.app.request.findUniqueOrThrow({ where: { id: 'a' } })
    expect(String(row.budget)).toBe('84.5')
  })

  it('takes the quantity that the place has where nothing was agreed on, and counts on from there', async () => {
    await open()
    await stage.stock.put('a', { name: 'theirs', stock: 40 })
    await stage.create('a', '33')
    await work()
    await stage.shows('a', { name: 'Article a', stock: 40 })
    await stage.sell('a', 3)
    await stage.shows('a', { stock: 37 })
    const listed = await stage.world.operations.conflicts({ state: 'all' })
    expect(listed.find(({ column }) => column === 'stock')).toMatchObject({
      winner: 'sheet',
      state: 'resolved',
    })
  })

  it('sends nothing for a record that is as it was, and reads nothing either', async () => {
    await open()
    await work()
    await stage.create('a', '1')
    await stage.shows('a', { stock: '1' })
    await stage.settled()
    const before = await stage.stock.calls()
    await stage.world.app.request.update({ where: { id: 'a' }, data: { passengers: 7 } })
    await stage.settled()
    expect((await stage.stock.calls()).PUT).toBe(before.PUT)
  })

  it('comes back where somebody removed it', async () => {
    await open()
    await work()
    await stage.create('a', '12')
    await stage.shows('a', { stock: '12' })
    await stage.settled()
    await stage.stock.remove('a')
    await stage.sell('a', 2)
    await stage.shows('a', { stock: '10' })
  })

  it('is compared: movements are no difference, changes are, and records of others are left alone', async () => {
    await open()
    await work()
    for (const id of ['a', 'b', 'c']) await stage.create(id, '10', 'ours')
    await stage.shows('c', { stock: '10' })
    await stage.settled()
    await stage.stock.put('zzz', { name: 'nobody here knows it', stock: 1 })
    await stage.stock.move('a', 5)
    await stage.stock.put('b', { name: 'Article b', stock: '10', note: 'theirs' })
    await stage.stock.remove('c')
    const { output } = await stage.world.reconcile('stock')
    expect(output.found).toMatchObject([{ missing: 1, differs: 1, surplus: 0 }])
    await stage.shows('b', { note: 'ours' })
    await stage.shows('c', { stock: '10' })
    await stage.settled()
    expect(await stage.stock.article('a')).toMatchObject({ stock: '15' })
    expect(await stage.stock.article('zzz')).toMatchObject({ stock: 1 })
  })

  it('that cannot be listed is compared with what was written: nothing is read again, what is missing is written', async () => {
    await open({ lists: false })
    await work()
    for (const id of ['a', 'b']) await stage.create(id, '10')
    await stage.shows('b', { stock: '10' })
    await stage.settled()
    const before = await stage.stock.calls()
    const { output } = await stage.world.reconcile('stock')
    expect(output.found).toMatchObject([{ records: 2, missing: 0, differs: 0, surplus: 0 }])
    await stage.settled()
    expect(await stage.stock.calls()).toEqual(before)
    await stage.world.sql.query(
      "insert into requests (id, reference, customer_name, budget, updated_at) values ('c', 'c', 'C', 3, now())",
    )
    await stage.world.reconcile('stock')
    await stage.shows('c', { stock: '3' })
  })

  it('removes what a filter leaves out, and what was deleted unseen', async () => {
    await open()
    await work()
    for (const id of ['a', 'b', 'c']) await stage.create(id, '10')
    await stage.shows('c', { stock: '10' })
    await stage.settled()
    await stage.world.app.request.update({ where: { id: 'a' }, data: { flexible: true } })
    await stage.shows('a', null)
    await stage.world.sql.query("delete from requests where id = 'b'")
    await stage.world.reconcile('stock')
    await stage.shows('b', null)
    expect(await stage.stock.article('c')).toMatchObject({ stock: '10' })
  })
})

describe('what operators see', () => {
  it('is the record beside its entry and the base', async () => {
    await open()
    await work()
    await stage.create('a', '100', 'x')
    await stage.shows('a', { stock: '100' })
    await stage.settled()
    await stage.stock.move('a', -3)
    const shown = await stage.world.operations.showRecord('stock', 'a', stage.world.app)
    expect(shown).toMatchObject({
      entry: 'the outside system',
      inDatabase: true,
      hasBase: true,
      columns: [
        { header: 'name', base: 'Article a', database: 'Article a', place: 'Article a' },
        { header: 'stock', base: '100', database: '100', place: '97' },
        { header: 'note', base: 'x', database: 'x', place: 'x' },
      ],
    })
  })

  it('is whether the system answers', async () => {
    await open()
    await work()
    await stage.create('a', '100')
    await stage.shows('a', { stock: '100' })
    await stage.settled()
    const about = async () =>
      (await stage.world.operations.doctor({ places: true })).find(
        ({ subject }) => subject === 'target stock',
      )
    expect(await about()).toMatchObject({ severity: 'ok' })
    await stage.stock.faults({ faults: ['away'], method: 'GET' })
    await until('doctor says so', async () => (await about())?.severity === 'ok')
  })
})
