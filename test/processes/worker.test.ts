import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Emulator, startEmulator } from '../../packages/sheets-emulator/index.ts'
import { PrismaClient } from '../../prisma/generated/client/client.ts'
import { writeback } from '../../src/index.ts'
import { installJobs } from '../../src/operations/install.ts'
import { createSheetsClient } from '../../src/targets/sheet/index.ts'
import { openTestQueue, type TestQueue } from '../support/queue.ts'
import { until } from '../support/wait.ts'
import { spawnWorkerProcess, startWorkerProcess, type WorkerProcess } from '../support/worker-process.ts'

const SPREADSHEET = 'demo'
const RECORDS = 400

let queue: TestQueue
let emulator: Emulator
let plain: PrismaClient
let prisma: PrismaClient
let workers: WorkerProcess[]

beforeEach(async () => {
  queue = await openTestQueue()
  emulator = await startEmulator()
  emulator.createSpreadsheet({ properties: { title: 'test' } }, SPREADSHEET)
  plain = new PrismaClient({ adapter: new PrismaPg({ connectionString: queue.database.url, max: 2 }) })
  prisma = plain.$extends(writeback(queue.config)) as unknown as PrismaClient
  workers = []
})
afterEach(async () => {
  for (const worker of workers) worker.child.kill('SIGKILL')
  await Promise.all(workers.map((worker) => worker.ended))
  await plain.$disconnect()
  await emulator.close()
  await queue.close()
})

const environment = () => ({
  DATABASE_URL: queue.database.url,
  SHEETS_API_URL: emulator.url,
  SHEETS_READS_PER_MINUTE: '100000',
  SHEETS_WRITES_PER_MINUTE: '100000',
  WRITEBACK_BATCH_SIZE: '50',
})

async function startWorker(env: Readonly<Record<string, string>> = {}): Promise<WorkerProcess> {
  const worker = await startWorkerProcess({ ...environment(), ...env })
  workers.push(worker)
  return worker
}

const airport = (at: number) => ({
  iata: `T${String(at).padStart(4, '0')}`,
  name: `Airport ${at}`,
  country: 'USA',
  latitude: at / 7,
  longitude: -at / 7,
})

async function writeAirports(): Promise<void> {
  await prisma.airport.createMany({ data: Array.from({ length: RECORDS }, (_, at) => airport(at)) })
}

async function settled(): Promise<void> {
  await until(
    'every job is settled',
    async () => (await queue.jobs()).every((job) => ['completed', 'failed'].includes(job.state)),
    90_000,
  )
}

/** Key and name of every row, as anybody would read them. */
async function rows(): Promise<Map<string, string>> {
  const api = createSheetsClient({ google: null, sheetsApiUrl: emulator.url })
  const { data } = await api.spreadsheets.values.get({ spreadsheetId: SPREADSHEET, range: "'Airports'!A2:B" })
  const values = (data.values ?? []) as [string, string][]
  expect(new Set(values.map(([key]) => key)).size, 'no row stands twice').toBe(values.length)
  return new Map(values)
}

async function expectAgreement(): Promise<void> {
  const records = await plain.airport.findMany({ select: { iata: true, name: true } })
  expect(await rows()).toEqual(new Map(records.map(({ iata, name }) => [iata, name])))
}

describe('a worker process', () => {
  it('writes what the extended client wrote, and nothing of what was rolled back', async () => {
    await startWorker()
    await writeAirports()
    await prisma.airport.update({ where: { iata: 'T0001' }, data: { name: '=1+1' } })
    await prisma.airport.delete({ where: { iata: 'T0002' } })
    await prisma
      .$transaction(async (tx) => {
        await tx.airport.update({ where: { iata: 'T0003' }, data: { name: 'never' } })
        throw new Error('rolled back')
      })
      .catch(() => {})
    await settled()
    await expectAgreement()
    expect((await rows()).get('T0001')).toBe('=1+1')
  })

  it('fills a new tab in the order of the keys', async () => {
    // Written in another order, and published by the comparison alone; batches of a worker may overtake each other.
    await plain.airport.createMany({
      data: Array.from({ length: RECORDS }, (_, at) => airport((at * 37) % RECORDS)),
    })
    await startWorker({ WRITEBACK_BATCH_SIZE: '1000' })
    await until('the comparison has run', async () => (await queue.jobs()).length === RECORDS, 60_000)
    await settled()
    const keys = [...(await rows()).keys()]
    expect(keys).toEqual([...keys].sort())
  })

  it('leaves within 20 s of SIGTERM under load, uses up no attempt, and another goes on', async () => {
    emulator.control.latency(300)
    const first = await startWorker()
    await writeAirports()
    await until('it is in the middle of the work', async () => {
      const states = (await queue.jobs()).map((job) => job.state)
      return states.includes('completed') && states.includes('active')
    })
    const asked = Date.now()
    first.child.kill('SIGTERM')
    first.child.kill('SIGTERM')
    expect(await first.ended).toEqual({ code: 0, signal: null })
    expect(Date.now() - asked).toBeLessThan(20_000)
    const left = await queue.jobs()
    expect(left.map((job) => job.state)).not.toContain('active')
    expect(left.every((job) => job.retry_count === 0)).toBe(true)
    expect(left.filter((job) => job.state !== 'completed').every((job) => !job.started)).toBe(true)
    emulator.control.noLatency()
    await startWorker()
    await settled()
    await expectAgreement()
  })

  it('may be killed in the middle of the work; another takes over, nothing is lost or doubled', async () => {
    emulator.control.latency(200)
    const first = await startWorker()
    await writeAirports()
    await until('it is in the middle of the work', async () => {
      const states = (await queue.jobs()).map((job) => job.state)
      return states.includes('completed') && states.includes('active')
    })
    first.child.kill('SIGKILL')
    await first.ended
    emulator.control.noLatency()
    await startWorker()
    await settled()
    await expectAgreement()
  })

  it('has stored what it compiled before it works: nothing of that is left to do when it leaves', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'writeback-compiled-'))
    try {
      const worker = await startWorkerProcess({ ...environment(), NODE_COMPILE_CACHE: folder })
      workers.push(worker)
      worker.child.kill('SIGKILL')
      await worker.ended
      expect((await readdir(folder, { recursive: true })).length).toBeGreaterThan(100)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('overlaps with the next release: migrations run under it, another worker joins, it leaves', async () => {
    emulator.control.latency(100)
    const old = await startWorker()
    await writeAirports()
    await until('it is in the middle of the work', async () => {
      const states = (await queue.jobs()).map((job) => job.state)
      return states.includes('completed') && states.includes('active')
    })
    const released = await installJobs(queue.database.url, queue.config)
    expect(released).toMatchObject({ created: [], newTargets: [] })
    await startWorker()
    await prisma.airport.updateMany({ data: { name: 'of the next release' } })
    old.child.kill('SIGTERM')
    expect(await old.ended).toEqual({ code: 0, signal: null })
    emulator.control.noLatency()
    await settled()
    await expectAgreement()
    expect((await queue.jobs()).every((job) => job.retry_count === 0)).toBe(true)
  })

  it('follows a related record that was changed while a row was being linked to it', async () => {
    await startWorker()
    await plain.country.create({ data: { code: 'DE', name: 'Germany' } })
    const operator = { code: 'o', name: 'Old', countryCode: 'DE' }
    const { id: operatorId } = await prisma.operator.create({ data: operator })
    const shownName = async () => {
      const api = createSheetsClient({ google: null, sheetsApiUrl: emulator.url })
      const range = "'Requests'!A1:Z2"
      const { data } = await api.spreadsheets.values
        .get({ spreadsheetId: SPREADSHEET, range })
        .catch(() => ({ data: {} }))
      const [header, row] = ((data as { values?: string[][] }).values ?? []) as string[][]
      return row?.[header?.indexOf('Operator') ?? -1]
    }
    await prisma.$transaction(
      async (tx) => {
        await tx.operator.update({ where: { id: operatorId }, data: { name: 'New' } })
        await prisma.request.create({ data: { id: 'r', reference: 'r', customerName: 'Ada', operatorId } })
        await until('the row shows the name as it is committed', async () => (await shownName()) === 'Old')
      },
      { timeout: 60_000 },
    )
    await until('the row shows the new name', async () => (await shownName()) === 'New')
  })

  it('says in one line what is wrong with its environment, and ends', async () => {
    const worker = spawnWorkerProcess({ ...environment(), DATABASE_URL: 'mysql://secret@host/db' })
    workers.push(worker)
    expect((await worker.ended).code).toBe(1)
    expect(worker.output()).toMatch(/^ENV_INVALID environment variable DATABASE_URL: expected .*Example/)
    expect(worker.output()).not.toContain('secret')
    expect(worker.output().trim().split('\n')).toHaveLength(1)
  })

  it('says so when the release step has not run', async () => {
    await queue.boss.getDb().executeSql('drop schema pgboss cascade')
    const worker = spawnWorkerProcess(environment())
    workers.push(worker)
    expect((await worker.ended).code).toBe(1)
    expect(worker.output()).toContain('writeback migrate')
  })
})
