import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../../packages/sheets-emulator/index.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { QUEUE_SCHEMAS } from '../../src/queue/schema-version.ts'
import type { Finding } from '../../src/targets/finding.ts'
import { checkGoogle, type GoogleCheck } from '../../src/targets/sheet/check-google.ts'
import type { SheetTarget } from '../../src/targets/sheet/config/target.ts'
import { createSheetsClient } from '../../src/targets/sheet/index.ts'
import { openTestOperations, type TestOperations } from './support.ts'

let test: TestOperations
let emulator: Emulator
beforeEach(async () => {
  test = await openTestOperations()
  emulator = await startEmulator()
})
afterEach(async () => {
  await emulator.close()
  await test.close()
})

const google = () => ({
  sheets: createSheetsClient({ google: null, sheetsApiUrl: emulator.url }),
  email: 'robot@project.iam.gserviceaccount.com',
})
/** Everything that doctor looks at, Google with a client of the test's. */
const doctor = async (check: GoogleCheck = google()) => [
  ...(await test.operations.doctor()),
  ...(await checkGoogle(test.queue.config.targets as readonly SheetTarget[], check)),
]
const troubles = (findings: readonly Finding[]) =>
  findings
    .filter((one) => one.severity !== 'ok')
    .map(({ subject, message, remedy }) => `${subject}: ${message} > ${remedy}`)

describe('doctor', () => {
  it('finds nothing but the missing worker in a fresh installation', async () => {
    emulator.createSpreadsheet({ properties: { title: 'test' } }, 'demo')
    const findings = await doctor()
    expect(troubles(findings)).toEqual([expect.stringMatching(/^workers: no worker is alive.* > Start one/)])
    const subjects = findings.map((one) => one.subject)
    for (const subject of [
      'database',
      'clock',
      'tables',
      'pg-boss',
      'queues',
      'schedules',
      'capture',
      'quota',
      'sheet demo',
    ]) {
      expect(subjects).toContain(subject)
    }
  })

  it('leaves nothing in a spreadsheet that it tried to write', async () => {
    emulator.createSpreadsheet({ properties: { title: 'test' } }, 'demo')
    await doctor()
    const { data } = await google().sheets.spreadsheets.developerMetadata.search({
      spreadsheetId: 'demo',
      requestBody: { dataFilters: [{ developerMetadataLookup: { metadataKey: 'prisma-writeback.doctor' } }] },
    })
    expect(data.matchedDeveloperMetadata ?? []).toEqual([])
  })

  it('warns of a spreadsheet that is nearly full, and of a time zone that nobody knows', async () => {
    const gridProperties = { rowCount: 1_000_000, columnCount: 8 }
    emulator.createSpreadsheet(
      { properties: { title: 'test' }, sheets: [{ properties: { gridProperties } }] },
      'demo',
    )
    const { sheets, email } = google()
    expect(troubles(await doctor({ sheets, email }))).toContainEqual(
      expect.stringMatching(
        /^sheet demo: 8,000,000 of 10,000,000 cells are in use, .*no record gets a row > Delete blank columns and rows/,
      ),
    )
    const { spreadsheets } = sheets
    const get = spreadsheets.get.bind(spreadsheets) as (...given: never[]) => Promise<{ data: object }>
    Object.assign(spreadsheets, {
      get: async (...given: never[]) => {
        const response = await get(...given)
        return Object.assign(response, { data: { properties: { timeZone: 'Mars/Olympus' } } })
      },
    })
    const found = troubles(await doctor({ sheets, email }))
    expect(found.filter((one) => one.startsWith('sheet'))).toEqual([
      'sheet demo: its time zone Mars/Olympus is not known: dates with a time are written in UTC > Choose another one in the spreadsheet: File, Settings',
    ])
  })

  it('finds nothing wrong with a spreadsheet that has room, in a custom time zone', async () => {
    const gridProperties = { rowCount: 999_999, columnCount: 8 }
    const properties = { title: 'test', timeZone: 'GMT-07:00' }
    emulator.createSpreadsheet({ properties, sheets: [{ properties: { gridProperties } }] }, 'demo')
    const found = troubles(await doctor())
    expect(found.filter((one) => one.startsWith('sheet'))).toEqual([])
  })

  it('says how to share or name a spreadsheet that cannot be opened', async () => {
    const [trouble] = troubles(await doctor()).filter((one) => one.startsWith('sheet'))
    expect(trouble).toMatch(
      /^sheet demo: it cannot be read: SHEET_NOT_FOUND .* > Correct spreadsheetId .* share it with robot@/,
    )
  })

  it('finds a queue that is missing, one with another policy, other options and no schedule', async () => {
    const { boss, sql } = { boss: test.queue.boss, sql: test.sql }
    await boss.deleteQueue(QUEUES.recover)
    await sql.query(`update pgboss.queue set policy = 'standard' where name = $1`, [QUEUES.writeBack])
    await sql.query(`update pgboss.queue set retry_limit = 1 where name = $1`, [QUEUES.cleanup])
    await boss.unschedule(QUEUES.reconcile)
    const found = troubles(await test.operations.doctor())
    expect(found).toContainEqual(
      expect.stringMatching(/^queue sync.recover: it does not exist.* > Run writeback migrate/),
    )
    expect(found).toContainEqual(
      expect.stringMatching(/^queue sync.write-back: its policy is standard, and has to be short/),
    )
    expect(found).toContainEqual(expect.stringMatching(/^queue sync.cleanup: retryLimit differ/))
    expect(found).toContainEqual(expect.stringMatching(/^schedule sync.reconcile: it does not exist/))
  })

  it("warns of a version of pg-boss's schema that was not tested", async () => {
    await test.sql.query('update pgboss.version set version = $1', [QUEUE_SCHEMAS.newest + 1])
    const found = troubles(await doctor()).filter((one) => one.startsWith('pg-boss'))
    expect(found).toEqual([expect.stringMatching(/it knows 43 to 46 > Install a pg-boss that .* asks for/)])
  })

  it('finds what differs in the schemas', async () => {
    const [index] = await test.sql.query<{ name: string }>(
      `select indexname as name from pg_indexes where schemaname = 'pgboss' and indexdef like '%start_after%' and tablename = 'job_common'`,
    )
    await test.sql.query(`drop index pgboss.${index?.name}`)
    await test.sql.query('drop function sync_publish')
    await test.sql.query('drop table sync_audit')
    const found = troubles(await test.operations.doctor())
    expect(found).toContainEqual(expect.stringMatching(`^pg-boss: .*differs: .*no index ${index?.name}`))
    expect(found).toContainEqual(
      expect.stringMatching(/^publishing: .*sync_publish.* > Run writeback migrate/),
    )
    expect(found).toContainEqual(expect.stringMatching(/^tables: schema public lacks sync_audit/))
  })
})
