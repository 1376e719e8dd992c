import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeBack } from '../../jobs/write-back.ts'
import { recoverStuck } from '../../src/maintenance/recover-stuck.ts'
import { sqlOf } from '../../src/queue/boss.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { takeBackLost } from '../../src/queue/take-back.ts'
import type { Outcome } from '../../src/targets/sheet/index.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { ScriptedWriter, testRuntime } from '../support/runtime.ts'
import { until } from '../support/wait.ts'

const DONE: Outcome = { status: 'done', change: 'written' }

let queue: TestQueue
let leaving: AbortController
beforeEach(async () => {
  queue = await openTestQueue()
  leaving = new AbortController()
})
afterEach(async () => {
  leaving.abort()
  await queue.close()
})

const run = (text: string, values: unknown[] = []) => sqlOf(queue.boss).query(text, values)

/** Jobs in the hands of a worker that was killed so many seconds after its last heartbeat. */
async function lose(records: readonly string[], seconds: number): Promise<void> {
  await queue.publish(records)
  await queue.boss.fetch(QUEUES.writeBack, { batchSize: records.length })
  await run(
    `update pgboss.job set heartbeat_on = now() - $2::float8 * interval '1 second' where name = $1 and state = 'active'`,
    [QUEUES.writeBack, seconds],
  )
}

const many = Array.from({ length: 3000 }, (_, at) => `A${String(at).padStart(4, '0')}`)

describe('jobs of a worker that ended without saying so', () => {
  it('come back together, so that they fill batches as before', async () => {
    await lose(many, 60)
    const writer = new ScriptedWriter(() => DONE)
    let batches = 0
    const counting = {
      write: (...given: Parameters<ScriptedWriter['write']>) => {
        batches += 1
        return writer.write(...given)
      },
    }
    const runtime = testRuntime(queue, counting, leaving.signal)
    await writeBack.start({ ...runtime, environment: { ...runtime.environment, batchSize: 1000 } })
    await recoverStuck(runtime)
    await until(
      'all are written',
      async () => (await queue.jobs()).every(({ state }) => state === 'completed'),
      50_000,
    )
    expect(new Set(writer.written).size).toBe(3000)
    // As pg-boss returns them, it takes more than 300.
    expect(batches).toBeLessThanOrEqual(6)
  })

  const states = async () =>
    Object.fromEntries((await queue.jobs()).map(({ record, state, started }) => [record, [state, started]]))

  it('are taken back before pg-boss looks for them, and not while the worker may live', async () => {
    await lose(['GONE'], 26)
    await lose(['SLOW'], 24)
    // The second call has made both as old.
    await run(`update pgboss.job set heartbeat_on = now() - interval '26 seconds' where data->>'id' = 'GONE'`)
    expect(await takeBackLost(sqlOf(queue.boss), queue.config.schemas)).toBe(1)
    expect(await states()).toEqual({ GONE: ['retry', true], SLOW: ['active', true] })
  })

  it('are taken back by a worker that has just started, and by one that runs', async () => {
    await lose(['BEFORE'], 40)
    const writer = new ScriptedWriter(() => DONE)
    await writeBack.start(testRuntime(queue, writer, leaving.signal))
    await until('the first is written', () => writer.written.includes('BEFORE'))
    await queue.publish(['DURING'])
    await until('the second is written', async () => (await states()).DURING?.[0] === 'completed')
    await run(
      `update pgboss.job set state = 'active', completed_on = null, heartbeat_on = now() - interval '1 minute'
       where data->>'id' = 'DURING'`,
    )
    await until('it is written again', () => writer.written.filter((id) => id === 'DURING').length === 2)
  })

  it('use up an attempt, and come back apart when it happens again and again', async () => {
    await lose(many.slice(0, 50), 60)
    for (const attempts of [1, 2]) {
      expect(await takeBackLost(sqlOf(queue.boss), queue.config.schemas)).toBe(50)
      const jobs = await queue.boss.fetch(QUEUES.writeBack, { batchSize: 50 })
      expect(new Set(jobs.map(({ retryCount }) => retryCount))).toEqual(new Set([attempts]))
      await run(`update pgboss.job set heartbeat_on = now() - interval '1 minute' where state = 'active'`)
    }
    expect(await takeBackLost(sqlOf(queue.boss), queue.config.schemas)).toBe(0)
    await recoverStuck(testRuntime(queue, new ScriptedWriter(() => DONE)))
    const [apart] = await run(
      `select count(distinct start_after)::int as times from pgboss.job where state = 'retry' and start_after > now()`,
    )
    expect(apart).toEqual({ times: 50 })
  })

  it('are not settled by the worker that lost them, should it wake up', async () => {
    await queue.publish(['AAA'])
    const [job] = await queue.boss.fetch(QUEUES.writeBack)
    await run(`update pgboss.job set heartbeat_on = now() - interval '1 minute'`)
    await takeBackLost(sqlOf(queue.boss), queue.config.schemas)
    const [next] = await queue.boss.fetch(QUEUES.writeBack)
    if (!job || !next) throw new Error('no job was fetched')
    await queue.boss.complete(QUEUES.writeBack, [job])
    expect(await states()).toEqual({ AAA: ['active', true] })
    await queue.boss.complete(QUEUES.writeBack, [next])
    expect(await states()).toEqual({ AAA: ['completed', true] })
  })
})
