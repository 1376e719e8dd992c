import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { jobs } from '../../jobs/index.ts'
import type { JobDefinition, Runtime } from '../../jobs/job.ts'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { WritebackError } from '../../src/errors.ts'
import { forClient } from '../../src/index.ts'
import { sqlOf } from '../../src/queue/boss.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { ScriptedWriter, testRuntime } from '../support/runtime.ts'
import { until } from '../support/wait.ts'

type Line = Record<string, unknown>

let queue: TestQueue
let leaving: AbortController
let lines: Line[]
beforeEach(async () => {
  queue = await openTestQueue()
  leaving = new AbortController()
  lines = []
  // Those of the release step.
  await queue.boss.deleteAllJobs(QUEUES.reconcile)
})
afterEach(async () => {
  leaving.abort()
  await queue.close()
})

const SECRET = 'Zaphod'
const broken = () => {
  throw Object.assign(new Error(`invalid input value for enum kind: "${SECRET}"`), { code: '22P02' })
}

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

/** Requests that people may change in their sheet. */
const editable = defineConfig({
  targets: [
    sheetTarget({
      ...{ name: 'requests', spreadsheetId: 'sheet', tab: 'Requests', model: 'Request' },
      columns: [{ header: 'Comment', field: 'comment', writable: true }],
    }),
  ],
})

/** A runtime in which everything that a background job needs is broken. */
function brokenRuntime(): Runtime {
  const write = (text: string) => void lines.push(JSON.parse(text))
  return {
    ...testRuntime(queue, new ScriptedWriter(() => ({ status: 'done', change: 'written' })), leaving.signal),
    log: pino({ base: null }, { write }),
    sql: { query: async () => broken() },
    sinks: { compare: broken, findEdits: broken } as never,
    // Nobody plans looks beside those of the test.
    locks: { acquire: async () => undefined } as never,
  }
}

const started = async (name: string, runtime: Runtime): Promise<JobDefinition> => {
  const definition = jobs.find((job) => job.name === name)
  if (definition === undefined) throw new Error(`no job ${name}`)
  await definition.start(runtime)
  return definition
}
const find = async (name: string, id: string) => (await queue.boss.findJobs(name, { id }))[0]
const failed = () => lines.filter(({ level }) => level === 40)

/** Every kind of background job around the writing, with a job of it. */
const KINDS = [
  { name: 'reconcile', queue: QUEUES.reconcile, data: { target: 'airports' }, target: 'airports' },
  { name: 'cleanup', queue: QUEUES.cleanup, data: {}, target: undefined },
  { name: 'recover', queue: QUEUES.recover, data: {}, target: undefined },
  {
    name: 'related',
    queue: QUEUES.related,
    data: { v: 1, target: 'requests', path: 'operator', rows: [{ operator_id: '1' }] },
    target: 'requests',
  },
  {
    name: 'pull',
    queue: QUEUES.pull,
    data: { spreadsheetId: 'sheet' },
    target: undefined,
    config: editable,
  },
] as const

describe('a background job that fails', () => {
  it('is one of these kinds, or the job of a record', () => {
    const ofRecords = [QUEUES.writeBack, QUEUES.writeBackDead, QUEUES.inbound, QUEUES.inboundDead]
    const known = [...KINDS.map((kind) => kind.queue), ...ofRecords]
    expect(Object.values(QUEUES).sort()).toEqual(known.sort())
    expect(jobs.map(({ name }) => name).sort()).toEqual(
      [...KINDS.map(({ name }) => name), 'write-back', 'inbound'].sort(),
    )
  })

  it.each(KINDS)('is logged with queue, target and code at every attempt: $queue', async (kind) => {
    await queue.boss.updateQueue(kind.queue, { retryLimit: 1, retryDelay: 0, retryBackoff: false })
    const id =
      (await queue.boss.send(kind.queue, kind.data, { retryLimit: 1, retryDelay: 0, retryBackoff: false })) ??
      ''
    await started(kind.name, { ...brokenRuntime(), ...('config' in kind && { config: kind.config }) })
    await until(
      'it has failed for good',
      async () => (await find(kind.queue, id))?.state === 'failed',
      40_000,
    )

    const common = { queue: kind.queue, job: id, code: 'UNEXPECTED', attempts: 2 }
    const target = kind.target === undefined ? {} : { target: kind.target }
    expect(failed()).toMatchObject([
      { ...common, ...target, attempt: 1, msg: 'a background job failed, and is tried again' },
      { ...common, ...target, attempt: 2, msg: 'a background job failed for good' },
    ])
    const output = (await find(kind.queue, id))?.output
    expect(output).toMatchObject({ code: 'UNEXPECTED', message: expect.stringContaining('invalid input') })
    expect(JSON.stringify([lines, output])).not.toContain(SECRET)
  })

  it('does not fail the others of its batch', async () => {
    const send = (rows: object[]) =>
      queue.boss.send(QUEUES.related, { v: 1, target: 'airports', path: 'gone', rows })
    const good = (await send([{ id: '1' }])) ?? ''
    const bad = (await queue.boss.send(QUEUES.related, { v: 99 })) ?? ''
    const other = (await send([{ id: '2' }])) ?? ''
    await started('related', brokenRuntime())
    await until('the batch is settled', async () => (await find(QUEUES.related, bad))?.state === 'retry')
    expect((await find(QUEUES.related, good))?.state).toBe('completed')
    expect((await find(QUEUES.related, other))?.state).toBe('completed')
    expect(failed()).toMatchObject([{ job: bad }])
  })

  it('is a comparison of all targets that goes on with the others, and names those that failed', async () => {
    const id = (await queue.boss.send(QUEUES.reconcile, {}, { singletonKey: 'all', retryLimit: 0 })) ?? ''
    const runtime = brokenRuntime()
    const compare = ({ name }: { name: string }) => {
      if (name === 'airports') {
        throw new WritebackError('SHEET_LAYOUT', { problem: 'header "ID" is gone' })
      }
      return []
    }
    await started('reconcile', {
      ...runtime,
      // What the other target stores has to work.
      sql: sqlOf(queue.boss),
      sinks: { compare } as never,
      reader: { pages: () => [] } as never,
    })
    await until('it has failed', async () => (await find(QUEUES.reconcile, id))?.state === 'failed')
    expect(failed()).toMatchObject([{ queue: QUEUES.reconcile, target: 'airports', code: 'SHEET_LAYOUT' }])
    expect((await find(QUEUES.reconcile, id))?.output).toMatchObject({
      code: 'SHEET_LAYOUT',
      message: 'airports: header "ID" is gone',
      targets: ['airports'],
      found: [{ target: 'requests', rows: 0 }],
    })
  })
})

describe('a batch of changes around which something breaks', () => {
  it('is logged with its code', async () => {
    await queue.publish(['AAA', 'BBB'])
    const runtime = brokenRuntime()
    const writer = { write: async () => broken() } as never
    const sql = testRuntime(queue, writer).sql
    await started('write-back', { ...runtime, sql, sinks: writer })
    await until('it has failed', async () => (await queue.jobs()).every(({ state }) => state === 'retry'))
    expect(failed()).toMatchObject([{ queue: QUEUES.writeBack, jobs: 2, code: 'UNEXPECTED' }])
    expect(JSON.stringify(lines)).not.toContain(SECRET)
  })
})
