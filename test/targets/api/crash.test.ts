import { describe, expect, it } from 'vitest'
import { until } from '../../support/wait.ts'
import { startWorkerProcess, type WorkerProcess } from '../../support/worker-process.ts'
import { type Stage, setStage } from './support/stage.ts'

/** A stage with worker processes of its own: these tests wait for half a minute, and do so at the same time. */
interface Scene {
  readonly stage: Stage
  start(env?: Readonly<Record<string, string>>): Promise<WorkerProcess>
  /** How many writes have reached the system. */
  puts(): Promise<number>
}

async function play(options: Parameters<typeof setStage>[0], act: (scene: Scene) => Promise<void>) {
  const stage = await setStage(options)
  const workers: WorkerProcess[] = []
  const start = async (env: Readonly<Record<string, string>> = {}) => {
    const worker = await startWorkerProcess({
      DATABASE_URL: stage.world.database.url,
      WRITEBACK_CONFIG: 'test/targets/api/support/writeback.config.ts',
      STOCK_URL: stage.stock.url,
      ...env,
    })
    workers.push(worker)
    return worker
  }
  try {
    await act({ stage, start, puts: async () => (await stage.stock.calls()).PUT ?? 0 })
  } finally {
    await Promise.all(workers.map(kill))
    await stage.close()
  }
}

async function kill({ child, ended }: WorkerProcess): Promise<void> {
  child.kill('SIGKILL')
  await ended
}

describe.each([
  ['that knows keys', true],
  ['that knows none', false],
])('a worker killed between call and answer, of a system %s', (_name, keys) => {
  it.concurrent.each(['hang-before', 'hang-after', 'late'] as const)(
    'leaves its write to the next one, which makes the movement once (%s)',
    (fault) =>
      play({ keysKeptHours: keys ? 24 : 0 }, async ({ stage, start, puts }) => {
        await stage.stock.features({ keys })
        const env = { STOCK_KEYS_HOURS: keys ? '24' : '0' }
        await stage.create('a', '100')
        const first = await start(env)
        await stage.shows('a', { stock: '100' })
        await stage.settled()
        const before = await puts()
        // All further writes of this worker get no answer.
        await stage.stock.faults({ method: 'PUT', faults: [fault], times: 1, ms: 1_000 })
        await stage.sell('a', 5)
        await until('the write was sent', async () => (await puts()) > before)
        await kill(first)
        if (keys) await stage.stock.move('a', '-2')
        await stage.sell('a', 3)
        await start(env)
        await stage.shows('a', { stock: keys ? '90' : '92' })
        await stage.settled()
        await stage.sell('a', 1)
        await stage.shows('a', { stock: keys ? '89' : '91' })
        expect(await stage.world.operations.conflicts()).toEqual([])
      }),
    120_000,
  )
})

it.concurrent(
  'many writes of a worker that is killed again and again are each made once',
  {
    timeout: 180_000,
  },
  () =>
    play({}, async ({ stage, start, puts }) => {
      const ids = Array.from({ length: 20 }, (_, at) => `n${at}`)
      for (const id of ids) await stage.create(id, '100')
      let worker = await start()
      for (const id of ids) await stage.shows(id, { stock: '100' })
      for (let round = 1; round <= 2; round++) {
        const before = await puts()
        for (const id of ids) {
          await stage.sell(id, '0.25')
          await stage.stock.move(id, '-0.5')
        }
        await until('some are sent', async () => (await puts()) > before + 3)
        await kill(worker)
        worker = await start()
      }
      // A dead worker's jobs are given back after half a minute.
      for (const id of ids) await stage.shows(id, { stock: '98.5' }, 120_000)
      await stage.settled()
      const stocks = await Promise.all(ids.map(async (id) => (await stage.stock.article(id))?.stock))
      expect(new Set(stocks)).toEqual(new Set(['98.5']))
    }),
)
