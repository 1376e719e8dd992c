import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { PrismaPg } from '@prisma/adapter-pg'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../../packages/sheets-emulator/index.ts'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { writeback as extension } from '../../src/index.ts'
import { QUEUES } from '../../src/queue/queues.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { until } from '../support/wait.ts'
import { startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts'
import { widest, writeback } from './support.ts'

let queue: TestQueue
let emulator: Emulator
let plain: PrismaClient
let prisma: PrismaClient
let worker: WorkerProcess
let env: Record<string, string>

beforeEach(async () => {
  queue = await openTestQueue()
  emulator = await startEmulator()
  emulator.createSpreadsheet({ properties: { title: 'test' } }, 'demo')
  plain = new PrismaClient({ adapter: new PrismaPg({ connectionString: queue.database.url, max: 1 }) })
  prisma = plain.$extends(extension(queue.config)) as unknown as PrismaClient
  env = {
    DATABASE_URL: queue.database.url,
    SHEETS_API_URL: emulator.url,
    SHEETS_READS_PER_MINUTE: '100000',
    SHEETS_WRITES_PER_MINUTE: '100000',
  }
  worker = await startWorkerProcess(env)
})
afterEach(async () => {
  worker.child.kill('SIGKILL')
  await worker.ended
  await plain.$disconnect()
  await emulator.close()
  await queue.close()
})

const airport = (iata: string) => ({
  iata,
  name: `Airport ${iata}`,
  country: 'USA',
  latitude: 1.5,
  longitude: 2,
})
const isSettled = ({ state }: { state: string }) => ['completed', 'failed'].includes(state)

/** Waits for the changes, and for comparisons: a first one would find what a test does behind the back of capture. */
const settled = () =>
  until('every job is settled', async () => {
    const comparisons = await queue.boss.findJobs(QUEUES.reconcile)
    return comparisons.every(isSettled) && (await queue.jobs()).every(isSettled)
  })

it('pauses on all workers and keeps what comes in, resumes, shows a row beside its record, reconciles', {
  timeout: 300_000,
}, async () => {
  await prisma.airport.create({ data: airport('AAA') })
  await settled()
  expect((await writeback(['pause', 'airports', '--actor', 'ada'], env)).code).toBe(0)
  await until('the worker has seen it', () => worker.output().includes('target is not active'))
  await prisma.airport.create({ data: airport('BBB') })
  const status = await writeback(['status'], env)
  expect(status.code).toBe(3)
  expect(status.stdout).toContain('! airports: paused by ada')
  expect(status.stdout).toMatch(/airports +paused +1 waiting/)
  expect((await queue.jobs()).find((job) => job.record === 'BBB')?.state).toBe('created')
  expect((await writeback(['resume', 'airports'], env)).code).toBe(0)
  await settled()

  const [job] = (await queue.jobs()).filter((one) => one.record === 'BBB')
  const shown = await writeback(['show', job?.id ?? ''], env)
  expect(shown.stdout).toMatch(/It stands in row 3 of the sheet/)
  expect(shown.stdout).toMatch(/Name +Airport BBB +Airport BBB +Airport BBB\n/)
  expect(shown.stdout).toMatch(/State +\(empty\) +\(empty\)/)
  expect(widest(shown.stdout)).toBeLessThanOrEqual(100)

  // A change that nobody saw: the comparison finds it.
  await plain.$executeRaw`update airports set name = 'unseen' where iata_code = 'BBB'`
  const differs = await writeback(['show', job?.id ?? ''], env)
  expect(differs.stdout).toMatch(/Name +unseen +Airport BBB +Airport BBB +differs/)
  const reconciled = await writeback(['reconcile', 'airports', '--wait', '--json'], env)
  expect(reconciled.json()).toMatchObject({
    found: [{ target: 'airports', rows: 2, records: 2, differs: 1 }],
  })
  await settled()
  expect((await writeback(['show', job?.id ?? ''], env)).stdout).toMatch(/Name +unseen +unseen +unseen\n/)

  await plain.$executeRaw`update airports set name = 'unseen too'`
  const filled = await writeback(['backfill', 'airports'], env)
  expect(filled.stdout).toBe(
    'airports: 2 records compared, 2 records were missing or differed; all are settled\n',
  )
  expect((await queue.jobs()).every(({ state }) => state === 'completed')).toBe(true)
  const again = await writeback(['backfill', 'airports', '--json'], env)
  expect(again.json()).toMatchObject({
    target: 'airports',
    state: 'done',
    records: 0,
    settled: 0,
    troubled: 0,
  })
})

it('shows dates as people read them, in one form for database, sheet and base', async () => {
  const dates = { departureOn: new Date('2026-12-24'), confirmedAt: new Date('2026-11-29T14:30:05Z') }
  const request = await prisma.request.create({ data: { ...dates, reference: 'R-1', customerName: 'Ada' } })
  await settled()
  await plain.$executeRaw`update requests set departure_on = '2026-12-25'`
  const [job] = (await queue.jobs()).filter((one) => one.record === String(request.id))
  const { stdout } = await writeback(['show', job?.id ?? ''], env)
  expect(stdout).toMatch(/Departure +2026-12-25 +2026-12-24 +2026-12-24 +differs\n/)
  expect(stdout).toMatch(/Confirmed +(2026-11-29 14:30:05 +){2}2026-11-29 14:30:05\n/)
  expect(stdout).toMatch(/times are those of the spreadsheet's clock, \S+\n/)
  expect(stdout).toMatch(/Change +create, made \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ\n/)
})

it('tells of a record that fits no cell, and of one that was fixed since', async () => {
  await prisma.airport.create({ data: airport('AAA') })
  await settled()
  await prisma.airport.update({ where: { iata: 'AAA' }, data: { name: 'x'.repeat(50_001) } })
  await until('it is dead', async () => (await writeback(['status'], env)).code === 3)
  const jobs = (await writeback(['jobs', '--state', 'dead', '--json'], env)).json() as { id: string }[]
  const id = jobs[0]?.id ?? ''
  const dead = (await writeback(['show', id], env)).stdout
  expect(dead).toContain(`Fix the cause, then: writeback retry ${id}`)
  expect(dead).toMatch(/Name +- +Airport AAA +Airport AAA +does not fit\n/)
  expect(dead).toMatch(/Latitude +1.5 +1.5 +1.5\n/)
  expect(dead).toMatch(/\nthe text is too long for a cell of column "Name"/)
  expect(widest(dead)).toBeLessThanOrEqual(100)

  await prisma.airport.update({ where: { iata: 'AAA' }, data: { name: 'short' } })
  await settled()
  // The record is written: its dead letter has gone by itself, and all is well.
  await until('nothing waits for a person', async () => (await writeback(['status'], env)).code === 0)
  expect((await writeback(['jobs', '--state', 'dead', '--json'], env)).json()).toEqual([])
})

it('tells of a tab that cannot be used, and of the cell to fix', async () => {
  await prisma.airport.create({ data: airport('AAA') })
  await settled()
  emulator.human('demo').act('type', { tab: 'Airports', cell: 'A1', text: 'Code' })
  await prisma.airport.update({ where: { iata: 'AAA' }, data: { name: 'later' } })
  await until('status says so', async () => (await writeback(['status'], env)).code === 4)
  const status = (await writeback(['status'], env)).stdout
  expect(status).toMatch(/x airports: its tab cannot be used: SHEET_LAYOUT tab "Airports" has lost/)
  expect(widest(status)).toBeLessThanOrEqual(100)
  const [job] = (await writeback(['jobs', '--json'], env)).json() as { id: string }[]
  expect((await writeback(['show', job?.id ?? ''], env)).stdout).toContain(
    'Its tab cannot be used: SHEET_LAYOUT',
  )
})

it('status --watch goes on, one JSON text a line', async () => {
  const child = spawn(process.execPath, ['cli/main.ts', 'status', '--watch', '1s', '--json'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  const lines: { verdict: string; workers: unknown[] }[] = []
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(JSON.parse(line)))
  try {
    await until('it was printed twice', () => lines.length >= 2)
    expect(lines[1]).toMatchObject({ verdict: 'well', workers: [{ alive: true }] })
  } finally {
    child.kill('SIGINT')
    await ended
  }
})
