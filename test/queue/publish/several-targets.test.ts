import fc from 'fast-check'
import type pg from 'pg'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type ChangedRecord, publishStatement } from '../../../src/queue/publish.ts'
import { createPublishWorld, type PublishWorld } from './support.ts'

let world: PublishWorld
let client: pg.Client
beforeAll(async () => {
  world = await createPublishWorld()
  client = await world.connect()
})
afterAll(() => world.close())
beforeEach(() => world.query('delete from pgboss.job'))

const changed = (id: string, operation: ChangedRecord['operation'] = 'update'): ChangedRecord => ({
  model: 'Operator',
  id,
  operation,
})

/** Publishes for all targets that follow the model, or for those that are named. */
async function publish(
  by: pg.Client,
  changes: readonly ChangedRecord[],
  { priority, only }: { priority?: number; only?: string } = {},
): Promise<number> {
  const { schemas, targets } = world.config
  const chosen = targets.filter(({ name }) => only === undefined || name === only)
  const statement = publishStatement(schemas, chosen, changes, undefined, priority)
  if (!statement) return 0
  const { rows } = await by.query(statement.text, [...statement.values])
  return rows[0].inserted
}

/** Queued jobs, without what differs from call to call. */
async function jobs(by: pg.Client): Promise<string[]> {
  const { rows } = await by.query(
    `select group_tier, group_id, priority, singleton_key, data - 'at' as data, policy, retry_limit, dead_letter
     from pgboss.job where state = 'created' order by singleton_key collate "C"`,
  )
  return rows.map((row) => JSON.stringify({ ...row, singleton_key: row.singleton_key.replace(/#.*/, '#') }))
}

describe('one call for several targets', () => {
  test('queues a job for each of them, and answers with the number', async () => {
    expect(await publish(client, [changed('1'), changed('2')])).toBe(4)
    const found = (await jobs(client)).map((text) => JSON.parse(text).singleton_key)
    expect(found).toEqual(['a:Operator:1', 'a:Operator:2', 'b:Operator:1', 'b:Operator:2'])
  })

  test('locks what is queued already for one of them', async () => {
    await publish(client, [changed('1')], { only: 'a' })
    await client.query('begin')
    expect(await publish(client, [changed('1')])).toBe(1)
    const other = await world.connect()
    const free = await other.query(
      `select group_tier from pgboss.job where state = 'created' for update skip locked`,
    )
    await client.query('commit')
    expect(free.rows).toEqual([])
  })

  test('gives a record a second job where its first is being changed', async () => {
    await publish(client, [changed('1')], { only: 'a' })
    const other = await world.connect()
    await other.query('begin')
    await other.query(`select from pgboss.job where singleton_key = 'a:Operator:1' for update`)
    expect(await publish(client, [changed('1')])).toBe(2)
    await other.query('rollback')
    const keys = (await jobs(client)).map((text) => JSON.parse(text).singleton_key)
    expect(keys).toEqual(['a:Operator:1', 'a:Operator:1#', 'b:Operator:1'])
  })

  test('leaves what a call for each would leave', { timeout: 120_000 }, async () => {
    const id = fc.integer({ min: 0, max: 9 }).map(String)
    const change = fc
      .tuple(id, fc.constantFrom('create', 'update', 'delete'))
      .map(([one, operation]) => changed(one, operation as 'update'))
    const priority = fc.constantFrom(-10, 0, 5)
    const queued = fc.array(fc.record({ id, only: fc.constantFrom('a', 'b'), priority }), { maxLength: 8 })
    const outcomeOf = async (
      before: readonly { id: string; only: string; priority: number }[],
      work: () => Promise<number>,
    ) => {
      await client.query('begin')
      try {
        for (const { id, ...options } of before) await publish(client, [changed(id)], options)
        const inserted = await work()
        return { inserted, jobs: await jobs(client) }
      } finally {
        await client.query('rollback')
      }
    }
    await fc.assert(
      fc.asyncProperty(
        queued,
        fc.array(change, { minLength: 1, maxLength: 12 }),
        priority,
        async (before, changes, at) => {
          const together = await outcomeOf(before, () => publish(client, changes, { priority: at }))
          const apart = await outcomeOf(before, async () => {
            const a = await publish(client, changes, { priority: at, only: 'a' })
            return a + (await publish(client, changes, { priority: at, only: 'b' }))
          })
          expect(together).toEqual(apart)
        },
      ),
      { numRuns: 60 },
    )
  })

  test('cannot deadlock with others of its sort, nor with calls for one target', {
    timeout: 60_000,
  }, async () => {
    const writers = await Promise.all(Array.from({ length: 6 }, () => world.connect()))
    await Promise.all(
      writers.map(async (writer, at) => {
        for (let round = 0; round < 25; round++) {
          const ids = Array.from({ length: 12 }, (_, n) => changed(String((n * 7 + at * 5 + round * 3) % 20)))
          await writer.query('begin')
          if (at % 2 === 0) await publish(writer, ids)
          else for (const only of ['a', 'b']) await publish(writer, ids, { only })
          await writer.query('commit')
          if (round % 5 === 0)
            await writer.query(
              `delete from pgboss.job where id in (select id from pgboss.job where state = 'created' limit 20 for update skip locked)`,
            )
        }
      }),
    )
  })
})
