import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { PrismaPg } from '@prisma/adapter-pg'
import cliProgress from 'cli-progress'
import pg from 'pg'
import colors from 'picocolors'
import { PrismaClient } from '../prisma/generated/client/client.ts'
import { runWithContext, writeback } from '../src/index.ts'
import { readSheetEnvironment } from '../src/targets/sheet/config/environment.ts'
import { createSheetsClient } from '../src/targets/sheet/index.ts'
import { airports } from './airports.ts'
import { measure, rowsWritten, unsettled } from './measure.ts'
import { workInTheSheet } from './people.ts'
import { type Proof, prove } from './proof.ts'
import { provePlaces } from './prove-places.ts'
import { startReaders } from './readers.ts'
import { startSearchPage } from './search-page.ts'
import { setStage } from './stage.ts'
import { renderTable } from './table.ts'
import { load, noWork, stream } from './workload.ts'

/** A change that has not reached the sheet after this time never will, in milliseconds. */
const SETTLED_WITHIN_MS = 90_000

const USAGE = `npm start -- [--exit] [--quota N]

  --exit     stop after the proof; status 0 only if sheet and database agree
  --quota N  let the local sheet refuse more than N read and N write requests a minute (Google: 60)
`

const { values: options } = parseArgs({
  options: { exit: { type: 'boolean' }, quota: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
})
if (options.help) {
  process.stdout.write(USAGE)
  process.exit(0)
}

const say = (line = '') => process.stdout.write(`${line}\n`)
say(
  colors.bold(
    'prisma-writeback: records written through Prisma, followed by sheets, a search index, a cache and an outside system\n',
  ),
)

const quota = options.quota === undefined ? undefined : Number(options.quota)
const stage = await setStage({ quota, say: (line) => say(`  ${colors.green('✓')} ${line}`) })
process.env.DATABASE_URL = stage.databaseUrl
process.env.WRITEBACK_SPREADSHEET_ID = stage.spreadsheetId
// The configuration reads the variables above.
process.env.STOCK_URL = stage.stockUrl
const { default: config } = await import('./writeback.config.ts')
const plain = new PrismaClient({ adapter: new PrismaPg({ connectionString: stage.databaseUrl, max: 4 }) })
// The application's client: this line is all it takes.
const prisma = plain.$extends(writeback(config)) as unknown as PrismaClient

let leaving = false
const leave = async (status: number) => {
  if (leaving) return
  leaving = true
  await readers?.stop()
  await page.close()
  await pool.end()
  await plain.$disconnect()
  await stage.stop()
  process.exit(status)
}
process.on('SIGINT', () => void leave(130))
process.on('SIGTERM', () => void leave(143))

const pool = new pg.Pool({ connectionString: stage.databaseUrl, max: 2 })
pool.on('error', () => {})
const page = await startSearchPage(pool, { Airports: 'airport_search', Requests: 'request_search' })
say(`  ${colors.green('✓')} Search      ${page.url}`)
const { REDIS_URL: redisUrl } = process.env
const readers = redisUrl === undefined ? undefined : startReaders(redisUrl, plain)

const data = airports()
const work = noWork()
const bars = new cliProgress.MultiBar(
  {
    format: '  {what} {bar} {value}/{total}',
    barsize: 40,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 5000,
    autopadding: true,
  },
  cliProgress.Presets.shades_classic,
)
const bar = (what: string, total: number) => bars.create(total, 0, { what: what.padEnd(28) })
say()
const written = bar('records written', data.length)
const shown = bar('rows in the sheet', data.length)
const streamed = bar('edits, deletes, bursts', 1)

const watch = { on: true }
const showRows = async () => {
  const [rows, airports, requests] = [
    await rowsWritten(plain),
    await plain.airport.count(),
    await plain.request.count(),
  ]
  shown.setTotal(written.getProgress() < 1 ? data.length : airports + requests)
  shown.update(rows)
}
const watching = (async () => {
  while (watch.on) {
    await showRows()
    await sleep(200)
  }
})()

const started = performance.now()
await runWithContext({ userId: 'demo', correlationId: 'load' }, () =>
  load(prisma, data, work, (count) => written.update(count)),
)
const streamStarted = Date.now()
await runWithContext({ userId: 'demo', correlationId: 'stream' }, () =>
  stream(prisma, data, work, (done, of) => {
    streamed.setTotal(of)
    streamed.update(done)
  }),
)
const deadline = Date.now() + SETTLED_WITHIN_MS
while ((await unsettled(plain)) > 0 && Date.now() < deadline) await sleep(50)
const took = (performance.now() - started) / 1000
watch.on = false
await watching
await showRows()
bars.stop()

const numbers = await measure(plain, work, streamStarted)
const sheets = createSheetsClient(readSheetEnvironment({ ...process.env, ...stage.env }))
say('\n  Now somebody works in the sheet: corrects numbers, adds a row, types nonsense')
const people = await workInTheSheet(sheets, stage.spreadsheetId, plain)
while ((await unsettled(plain)) > 0 && Date.now() < deadline) await sleep(50)
const left = await unsettled(plain)
const proofs = [
  ...(await prove(plain, sheets, stage.spreadsheetId)),
  ...(await provePlaces(plain, { pool, stockUrl: stage.stockUrl })),
  ...(readers ? [await readers.prove()] : []),
]
const agree =
  left === 0 && people.reason !== undefined && proofs.every((proof) => proof.differences.length === 0)

say()
say(
  renderTable([
    ['records written', count(work.writes), `${count(work.calls)} calls, ${work.rolledBack} rolled back`],
    [
      'jobs for the sheets',
      count(numbers.published),
      `${count(work.writes - numbers.published)} coalesced into a queued one`,
    ],
    [
      'API calls',
      count(numbers.apiCalls),
      `${((numbers.apiCalls / work.writes) * 1000).toFixed(1)} per 1,000 records written`,
    ],
    ...proofs.map(
      (proof) => [`entries in ${proof.tab}`, count(proof.rows), `${count(proof.records)} records`] as const,
    ),
    [
      'commit to sheet',
      `${numbers.latency.p50} ms`,
      `p50; p99 ${numbers.latency.p99} ms, of ${count(numbers.latency.samples)} records of the stream`,
    ],
    [
      'edits in the sheet',
      count(people.edits),
      `${people.p50} ms to the record (middle; longest ${people.longest} ms)`,
    ],
    ['dead letters', count(numbers.deadLetters), 'records that no attempt could write'],
    ...(readers
      ? [['reads through the cache', count(readers.reads), 'while the records changed'] as const]
      : []),
    ['worker restarts', count(stage.restarts()), 'times somebody killed it'],
    ['time', `${took.toFixed(1)} s`, 'from the first write until everything was everywhere'],
  ]),
)
say()
for (const proof of proofs) say(verdict(proof))
const why = people.reason ?? 'nothing'
say(
  `  ${people.reason ? colors.green('✓') : colors.red('✗')} Nonsense in the sheet: beside it stands "${why}"`,
)
if (left > 0) say(colors.red(`  ✗ ${left} jobs are still waiting after ${SETTLED_WITHIN_MS / 1000} s`))

if (options.exit) {
  await leave(agree ? 0 : 1)
} else {
  say()
  say(`  The sheet      ${colors.cyan(stage.sheetUrl)}`)
  say(`  The search     ${colors.cyan(page.url)}`)
  say(`  The seats      ${colors.cyan(`${stage.stockUrl}/`)}`)
  say(`  The queue      ${colors.cyan(stage.dashboardUrl)}`)
  say()
  say(
    '  All stay up until Ctrl-C. Sort the sheet, type into its Requests, book a seat, kill the worker, and from another terminal:',
  )
  say()
  const node = `npx node --env-file=${stage.envFile}`
  say(colors.cyan(`  ${node} demo/change.ts LAX 'Los Angeles'`))
  say(colors.cyan(`  ${node} cli/main.ts status`))
}

function verdict(proof: Proof): string {
  if (proof.differences.length === 0) {
    return `  ${colors.green('✓')} ${proof.tab}: place and database agree in all ${count(proof.cells)} values of ${count(proof.rows)} entries`
  }
  return [`  ${colors.red('✗')} ${proof.tab}: place and database differ`, ...proof.differences].join(
    '\n      ',
  )
}

function count(number: number): string {
  return number.toLocaleString('en-US')
}
