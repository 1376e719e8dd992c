import { expect, test } from 'vitest'
import type { Operation } from './operations.ts'
import { smallest } from './shrink.ts'
import type { Unit } from './units.ts'

const operation = (name: string, args: unknown): Operation => ({
  name,
  kind: 'nested write',
  args,
  call: async () => {},
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
