import { trace } from '@opentelemetry/api'
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { installJobs } from '../../src/operations/install.ts'
import { sqlOf, startBoss } from '../../src/queue/boss.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import config from '../../writeback.config.ts'
import { createTestDatabase, type TestDatabase } from '../support/postgres.ts'

let database: TestDatabase
beforeEach(async () => {
  database = await createTestDatabase()
  await installJobs(database.url, config)
})
afterEach(() => database.drop())

const start = (works: boolean) =>
  startBoss({
    databaseUrl: database.url,
    schemas: config.schemas,
    log: pino({ level: 'silent' }),
    applicationName: 'test',
    works,
  })

describe('what a newer pg-boss does by itself', () => {
  it('it lists workers, and no commands', async () => {
    const worker = await start(true)
    const command = await start(false)
    const sql = sqlOf(worker)
    const [list] = await sql.query<{ name: string | null }>(
      `select to_regclass('pgboss.instance')::text as name`,
    )
    // pg-boss 12.35 has no list.
    const listed = list?.name
      ? await sql.query(`select supervise from pgboss.instance where application_name = 'test'`)
      : [{ supervise: true }]
    await Promise.all([worker, command].map((boss) => boss.stop({ graceful: false })))
    expect(listed).toEqual([{ supervise: true }])
  })

  it('it traces no jobs, for the library does', async () => {
    const spans = new InMemorySpanExporter()
    const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] })
    provider.register()
    const boss = await start(false)
    await boss.send(QUEUES.cleanup, {})
    expect(await boss.fetch(QUEUES.cleanup)).toHaveLength(1)
    await boss.stop({ graceful: false })
    trace.disable()
    await provider.shutdown()
    expect(spans.getFinishedSpans().map(({ name }) => name)).toEqual([])
  })
})
