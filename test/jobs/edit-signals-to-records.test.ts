import { PrismaPg } from '@prisma/adapter-pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { dataModel } from '../../prisma/generated/writeback/data-model.ts'
import { appsScript } from '../../src/inbound/apps-script.ts'
import { forClient, scriptHandler } from '../../src/index.ts'
import { ScriptInSheet } from '../inbound/support/apps-script.ts'
import { openWorld, SPREADSHEET, type World } from '../support/running-worker.ts'
import { until } from '../support/wait.ts'

/* From what a person types to the record, told by the script or by Drive: looks come once a minute here, too late for it. */

const SECRET = '0123456789abcdef0123456789abcdef'
const WITHIN_MS = 20_000

const { defineConfig, sheetTarget } = forClient<PrismaClient>(dataModel)

let world: World
let handler: (request: Request) => Promise<Response>
beforeAll(async () => {
  world = await openWorld((url) => {
    const config = defineConfig({
      client: () => new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 4 }) }),
      targets: [
        sheetTarget({
          ...{ name: 'requests', spreadsheetId: SPREADSHEET, tab: 'Requests', model: 'Request' },
          columns: [{ header: 'Travellers', field: 'passengers', writable: true }],
          edits: { detect: { everySeconds: 2, drive: true, script: true } },
        }),
      ],
    })
    handler = scriptHandler(config, { secret: SECRET, databaseUrl: url })
    return config
  })
  await world.work()
  await world.app.request.create({ data: { reference: 'R1', customerName: 'Ada' } })
  await until(
    'the row stands',
    async () => (await world.keys('Requests').catch(() => [])).length === 1,
    30_000,
  )
  await until('Drive was asked', async () => {
    const [lane] = await world.sql.query(`select 1 from sync_lane where place ? 'pageToken'`)
    return lane
  })
}, 60_000)
afterAll(() => world.close())

const passengers = async () =>
  (await world.app.request.findUnique({ where: { reference: 'R1' } }))?.passengers
it('the script tells of an edit, and who made it', async () => {
  // Drive keeps quiet meanwhile.
  world.emulator.control.spreadsheets.files.lag(600_000)
  const script = new ScriptInSheet(
    appsScript({ spreadsheetId: SPREADSHEET, url: 'https://app.example.com/', property: 'SECRET' }),
    { SECRET },
  )
  script.install()
  await world.person.type('Requests!B2', [[7]])
  script.edit('B2')
  const { body, headers } = script.posted[0] ?? expect.fail('nothing was posted')
  const answer = await handler(new Request('https://app.example.com/', { method: 'POST', body, headers }))
  expect(answer.status).toBe(202)
  await until('the record has it', async () => (await passengers()) === 7, WITHIN_MS)
  const [edit] = await world.sql.query(`select editor, state::text from sync_edit`)
  expect(edit).toEqual({ editor: 'ada@example.com', state: 'applied' })
})

it('Drive tells of an edit', async () => {
  world.emulator.control.spreadsheets.files.lag(0)
  await world.person.type('Requests!B2', [[9]])
  await until('the record has it', async () => (await passengers()) === 9, WITHIN_MS)
})
