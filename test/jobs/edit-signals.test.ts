import { pino } from 'pino'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { listenForEdits } from '../../jobs/edit-signals.ts'
import { type Emulator, startEmulator } from '../../packages/sheets-emulator/index.ts'
import type { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { readEnvironment } from '../../src/config/environment.ts'
import { forClient } from '../../src/index.ts'
import { sqlOf } from '../../src/queue/boss.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { until } from '../support/wait.ts'

let queue: TestQueue
let emulator: Emulator
let leaving: AbortController
beforeEach(async () => {
  queue = await openTestQueue()
  emulator = await startEmulator()
  leaving = new AbortController()
})
afterEach(async () => {
  leaving.abort()
  await emulator.close()
  await queue.close()
})

test('a spreadsheet that a person changed is looked at; trouble is logged, and the asking goes on', async () => {
  const id = emulator.createSpreadsheet({}, 'edited-sheet-0123456789')
  const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)
  const config = defineConfig({
    targets: [
      sheetTarget({
        name: 'requests',
        spreadsheetId: id,
        tab: 'Requests',
        model: 'Request',
        columns: [{ header: 'Comment', field: 'comment', writable: true }],
        edits: { detect: { drive: true, everySeconds: 2 } },
      }),
    ],
  })
  const lines: Record<string, unknown>[] = []
  emulator.control.faults.add({ kind: 'status', status: 503, match: { calls: 'drive' } })
  await listenForEdits(
    {
      config,
      environment: readEnvironment({ DATABASE_URL: queue.database.url, SHEETS_API_URL: emulator.url }),
      sql: sqlOf(queue.boss),
      log: pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line)) }),
      leaving: leaving.signal,
    },
    'worker',
  )
  const asked = () => emulator.control.calls.counts().methods['drive.changes.getStartPageToken']
  await until('Drive has been asked again', () => (asked()?.calls ?? 0) > 1)
  expect(lines).toMatchObject([
    { msg: 'nobody tells which places of the kind sheet people have changed', error: expect.any(String) },
  ])
  await until('the place is known', async () => {
    const { rows } = await queue.boss.getDb().executeSql(`select place->>'pageToken' as at from sync_lane`)
    return (rows[0] as { at: string | null } | undefined)?.at
  })
  emulator.human(id).act('type', { cell: 'A1', text: 'x' })
  const [job] = await until('a look is queued', async () => {
    const jobs = await queue.boss.findJobs(QUEUES.pull, { key: id })
    return jobs.length > 0 && jobs
  })
  expect(job?.data).toEqual({ spreadsheetId: id })
})
