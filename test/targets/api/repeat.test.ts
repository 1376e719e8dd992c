import { expect, it } from 'vitest'
import type { PrismaClient } from '../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../prisma/generated/writeback/data-model.ts'
import { forClient, type PutCall } from '../../../src/index.ts'
import { intentOf } from '../../../src/targets/api/intent.ts'
import { remoteOf } from '../../../src/targets/api/remote.ts'

const { apiTarget } = forClient<PrismaClient>(dataModel)

it('a repeat after a crash is the same call, to the letter', async () => {
  const calls: string[] = []
  const target = apiTarget({
    name: 'stock',
    model: 'Request',
    document: ({ budget, comment }) => ({ stock: budget, comment }),
    get: () => null,
    put: (fields, { signal: _signal, ticket, ...call }: PutCall) => {
      calls.push(JSON.stringify({ fields, ticket: String(ticket), ...call }))
    },
    fields: { stock: 'delta' },
  })
  const place = { fields: { stock: '100', comment: { long: 1, b: 2 }, z: 1 }, etag: '"1"' }
  const plan = {
    to: { stock: '95', comment: { long: 1, b: 2, a: [1] } },
    movements: { stock: '-5' },
    base: {},
    notes: [],
    agreed: [],
  }
  const intent = intentOf({ target: 'stock', id: 'a', ticket: 7n }, place, plan)
  const remote = remoteOf(target, new AbortController().signal)
  await remote.put('a', intent)
  // As Postgres gives it back: it keeps no order of fields.
  const reversed = (value: unknown): unknown =>
    typeof value !== 'object' || value === null || Array.isArray(value)
      ? value
      : Object.fromEntries(
          Object.entries(value)
            .reverse()
            .map(([name, one]) => [name, reversed(one)]),
        )
  await remote.put('a', reversed(intent) as typeof intent)
  expect(calls).toHaveLength(2)
  expect(calls[0]).toBe(calls[1])
  expect(JSON.parse(calls[0] ?? '')).toMatchObject({
    ifMatch: '"1"',
    idempotencyKey: intent.key,
    movements: { stock: '-5' },
  })
})
