import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { openWorkerPort } from '../../../jobs/telemetry/worker-port.ts'
import { BACKGROUND_QUEUES } from '../../../src/operations/background.ts'
import { QUEUES } from '../../../src/queue/queues.ts'
import { openTestOperations } from '../../operations/support.ts'
import { ScriptedWriter, testRuntime } from '../../support/runtime.ts'

it("a worker's port tells of every kind of failed background job, until it succeeds, and of no value", async () => {
  const test = await openTestOperations()
  const { boss } = test.queue
  const runtime = testRuntime(test.queue, new ScriptedWriter(() => ({ status: 'done', change: 'written' })))
  const environment = { ...runtime.environment, port: 0 }
  // What is read is kept for a while, so that each look has a port of its own.
  const look = async () => {
    const telemetry = { ...runtime.telemetry, registry: new Registry() }
    const port = await openWorkerPort({ ...runtime, environment, telemetry })
    const get = (path: string) => fetch(`http://127.0.0.1:${port?.port}${path}`)
    const status = await get('/status')
    const seen = {
      code: status.status,
      body: (await status.json()) as { verdict: string; complaints: object[] },
      metrics: await (await get('/metrics')).text(),
    }
    await port?.close()
    return seen
  }
  const taken = async (queue: string) => {
    await boss.send(queue, { target: 'airports' }, { retryLimit: 0 })
    const [job] = await boss.fetch(queue)
    return job?.id ?? ''
  }
  try {
    await test.sql.query('delete from pgboss.job')
    for (const queue of BACKGROUND_QUEUES) {
      await boss.fail(queue, await taken(queue), { code: 'UNEXPECTED', message: `${queue} is out of order` })
    }
    const { code, body, metrics } = await look()
    expect(code).toBe(503)
    expect(body.verdict).toBe('broken')
    for (const queue of BACKGROUND_QUEUES) {
      expect(JSON.stringify(body.complaints)).toContain(
        `${queue} failed: UNEXPECTED ${queue} is out of order`,
      )
      expect(metrics).toContain(`writeback_background_failed{queue="${queue}"} 1\n`)
    }

    for (const queue of BACKGROUND_QUEUES.filter((name) => name !== QUEUES.related)) {
      await boss.complete(queue, await taken(queue), { found: [{ target: 'airports' }] })
    }
    const later = await look()
    expect(later.code).toBe(200)
    for (const queue of BACKGROUND_QUEUES) {
      expect(later.metrics).toContain(`writeback_background_failed{queue="${queue}"} 0\n`)
    }
  } finally {
    await test.close()
  }
})
