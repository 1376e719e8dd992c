import { expect, test } from 'vitest'
import type { Operation } from './operations.ts'
import { smallest } from './shrink.ts'
import type { Unit } from './units.ts'

const operation = (name: string, args: unknown): Operation => ({
  name,
  kind: 'nested write',
  args,
  call: async (_runner, given = args) => given,
})

test('what a miss does not need goes: other operations, other parts of the arguments, the transaction', async () => {
  const unit: Unit = {
    form: 'interactive',
    operations: [
      operation('Tag.create', { data: { id: 1, at: new Date(0) } }),
      operation('Post.update', {
        where: { id: 'p' },
        data: { title: 'x', tags: { create: [{ id: 2 }, { id: 3, name: 'y' }], disconnect: { id: 1 } } },
      }),
    ],
    rollsBack: false,
    putAside: 0,
    accepted: true,
  }
  const misses = async ({ operations }: Unit) =>
    operations.some(({ args }) => JSON.stringify(args).includes('"id":3'))
  const found = await smallest(unit, misses, 100)
  expect(found.form).toBe('single')
  expect(found.operations.map(({ name, args }) => ({ name, args }))).toEqual([
    { name: 'Post.update', args: { data: { tags: { create: [{ id: 3 }] } } } },
  ])
})

test('each try is run with its own arguments, those of a try of a try too', async () => {
  const unit: Unit = {
    form: 'single',
    operations: [operation('Post.update', { where: { id: 'p' }, data: { title: 'x', text: 'y' } })],
    rollsBack: false,
    putAside: 0,
    accepted: true,
  }
  const misses = async ({ operations: [only] }: Unit) => {
    const ran = await only?.call({} as never)
    expect(ran).toEqual(only?.args)
    return JSON.stringify(ran).includes('title')
  }
  const found = await smallest(unit, misses, 100)
  expect(found.operations[0]?.args).toEqual({ data: { title: 'x' } })
})
