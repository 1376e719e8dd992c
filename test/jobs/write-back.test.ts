import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { writeBack } from '../../jobs/write-back.ts'
import { publishStatement } from '../../src/queue/publish.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import type { Outcome } from '../../src/targets/sheet/index.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { ScriptedWriter, testRuntime } from '../support/runtime.ts'
import { until } from '../support/wait.ts'

let queue: TestQueue
let leaving: AbortController
let lines: Record<string, unknown>[]
beforeEach(async () => {
  lines = []
  queue = await openTestQueue()
  leaving = new AbortController()
})
afterEach(async () => {
  leaving.abort()
  await queue.close()
})

const DONE: Outcome = { status: 'done', change: 'written' }

async function start(answer: (id: string) => Outcome): Promise<ScriptedWriter> {
  const writer = new ScriptedWriter(answer)
  const log = pino({ base: null }, { write: (text: string) => void lines.push(JSON.parse(text)) })
  await writeBack.start({ ...testRuntime(queue, writer, leaving.signal), log })
  return writer
}

const stateOf = async (record: string) => (await queue.jobs()).filter((job) => job.record === record)
const deadLetters = () =>
  queue.boss
    .findJobs<{ id?: string }>(QUEUES.writeBackDead, { queued: true })
    .then((jobs) =>
      jobs.map((job) => ({ id: job.data.id, output: job.sourceOutput as { code: string; message: string } })),
    )

describe('the write-back job', () => {
  it('completes what the writer did, each job with its own outcome', async () => {
    await queue.publish(['AAA', 'BBB'])
    await start((id) => (id === 'AAA' ? DONE : { status: 'done', change: 'removed' }))
    await until('both are completed', async () =>
      (await queue.jobs()).every((job) => job.state === 'completed'),
    )
    const [aaa] = await queue.boss.findJobs(QUEUES.writeBack, { data: { id: 'AAA' } })
    expect(aaa?.output).toEqual({ change: 'written' })
  })

  it('counts what is settled, and not what is tried again', async () => {
    await queue.publish(['AAA', 'BAD', 'AGAIN'])
    await start((id) => {
      if (id === 'AGAIN') return { status: 'failed', code: 'COLUMN_FAILED', reason: 'threw' }
      return id === 'BAD' ? { status: 'dead', code: 'CELL_TOO_LONG', reason: 'too long' } : DONE
    })
    await until('the batch is over', async () =>
      (await queue.jobs()).every((job) => ['completed', 'failed', 'retry'].includes(job.state)),
    )
    const counted = async () =>
      (
        await queue.boss
          .getDb()
          .executeSql(
            `select target, (select sum(value::int)::int from jsonb_each_text(recent)) as settled from sync_progress`,
          )
      ).rows
    await until('it is counted', async () => (await counted()).length > 0)
    expect(await counted()).toEqual([{ target: 'airports', settled: 2 }])
  })

  it('sends a bad record to the dead letters with the reason, and its batch goes on', async () => {
    await queue.publish(['AAA', 'BAD', 'CCC'])
    await start((id) => (id === 'BAD' ? { status: 'dead', code: 'CELL_TOO_LONG', reason: 'too long' } : DONE))
    await until('the batch is settled', async () =>
      (await queue.jobs()).every((job) => ['completed', 'failed'].includes(job.state)),
    )
    expect(await deadLetters()).toEqual([
      { id: 'BAD', output: { code: 'CELL_TOO_LONG', message: 'too long' } },
    ])
    expect((await stateOf('CCC'))[0]?.state).toBe('completed')
  })

  it('sends a job that it cannot read to the dead letters, naming the fields', async () => {
    await queue.boss.insert(QUEUES.writeBack, [
      { singletonKey: 'x', data: { v: 1, target: 'airports', model: 'Airport', id: 'AAA', extra: 'secret' } },
      { singletonKey: 'y', data: { v: 99 } },
    ])
    await start(() => DONE)
    const dead = await until('both are dead', async () => {
      const letters = await deadLetters()
      return letters.length === 2 && letters
    })
    for (const { output } of dead) {
      expect(output.code).toBe('JOB_INVALID')
      expect(output.message).not.toContain('secret')
    }
  })

  it('hands a job of a target it does not know back, for a worker of another release', async () => {
    const change = { v: 1, target: 'next-release', model: 'Airport', id: 'AAA', operation: 'update' }
    await queue.boss.insert(QUEUES.writeBack, [
      { singletonKey: 'k', data: { ...change, at: new Date().toISOString() } },
    ])
    const writer = await start(() => DONE)
    await until('it is queued again', async () => (await stateOf('AAA'))[0]?.state === 'retry')
    expect(await stateOf('AAA')).toMatchObject([{ retry_count: 0, started: false }])
    expect(writer.written).toEqual([])
  })

  it('uses no attempt while a target is away, and goes on once it is back', async () => {
    let away = true
    const writer = await start(() =>
      away ? { status: 'deferred', code: 'SHEET_UNAVAILABLE', reason: 'outage', retryAfterMs: 1000 } : DONE,
    )
    await queue.publish(['AAA', 'BBB'])
    await until('they were tried twice', () => writer.written.length >= 4)
    expect((await queue.jobs()).every((job) => job.retry_count === 0)).toBe(true)
    away = false
    await until('they are completed', async () =>
      (await queue.jobs()).every((job) => job.state === 'completed'),
    )
  })

  it('uses an attempt for a failure that is the record’s own', async () => {
    await queue.publish(['AAA'])
    await start(() => ({ status: 'failed', code: 'SHEET_REFUSED', reason: 'refused' }))
    await until('it waits for its retry', async () => (await stateOf('AAA'))[0]?.state === 'retry')
    const [job] = await queue.boss.findJobs(QUEUES.writeBack, { data: { id: 'AAA' } })
    expect(job?.output).toMatchObject({ code: 'SHEET_REFUSED', message: 'refused' })
    expect(job?.startedOn).not.toBeNull()
  })

  it('logs what failed and what is dead, with target, code and records, once a reason', async () => {
    await queue.publish(['AAA', 'BBB', 'CCC', 'DDD'])
    await start((id) =>
      id === 'DDD'
        ? { status: 'dead', code: 'CELL_TOO_LONG', reason: 'too long' }
        : id === 'CCC'
          ? DONE
          : { status: 'failed', code: 'COLUMN_FAILED', reason: 'the function threw' },
    )
    const warned = await until('both reasons are logged', () => {
      const found = lines.filter(({ level }) => level === 40)
      return found.length >= 2 && found
    })
    const common = { target: 'airports' }
    expect(warned).toHaveLength(2)
    // pg-boss gives the jobs of a batch in any order.
    expect(warned.find(({ code }) => code === 'COLUMN_FAILED')).toMatchObject({
      ...{ ...common, error: 'the function threw', count: 2, msg: 'changes failed, and are tried again' },
      records: expect.arrayContaining(['AAA', 'BBB']),
    })
    expect(warned.find(({ code }) => code === 'CELL_TOO_LONG')).toMatchObject({
      ...{ ...common, records: ['DDD'], msg: 'changes are dead letters now' },
    })
  })

  it('does not fetch for a paused target, counts what comes in, and goes on when it is resumed', async () => {
    const set = (state: string) =>
      queue.boss.getDb().executeSql(
        `insert into sync_target (name, lane, model, tab, state) values ('airports', 'demo', 'Airport', 'Airports', $1::sync_target_state)
         on conflict (name) do update set state = excluded.state`,
        [state],
      )
    await set('paused')
    await queue.publish(['AAA', 'BBB'])
    const writer = await start(() => DONE)
    const requests = [{ model: 'Request', id: 'r1', operation: 'update' as const }]
    const other = publishStatement(queue.config.schemas, queue.config.targets, requests, undefined)
    await queue.boss.getDb().executeSql(other?.text ?? '', [...(other?.values ?? [])])
    await until('the other target is handled', () => writer.written.includes('r1'))
    await queue.publish(['CCC'])
    expect((await queue.jobs()).filter((job) => job.state === 'created').map((job) => job.record)).toEqual([
      'AAA',
      'BBB',
      'CCC',
    ])
    await set('active')
    await until('all are handled', async () => (await queue.jobs()).every((job) => job.state === 'completed'))
  })
})
