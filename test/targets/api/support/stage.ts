import { PrismaPg } from '@prisma/adapter-pg'
import { Stock } from '../../../../demo/stock-service/stock.ts'
import { PrismaClient } from '../../../../prisma/generated/client/client.ts'
import { dataModel } from '../../../../prisma/generated/writeback/data-model.ts'
import { forClient } from '../../../../src/index.ts'
import { openWorld, type World } from '../../../support/running-worker.ts'
import { until } from '../../../support/wait.ts'
import { stockTarget, type TargetOptions } from './target.ts'

const { defineConfig } = forClient<PrismaClient>(dataModel)

/** A database, its application and worker, and the stock service. */
export interface Stage {
  readonly world: World
  readonly stock: Stock
  /** Makes a record. */
  create(id: string, stock: string | null, note?: string): Promise<void>
  /** The application sells, or buys. */
  sell(id: string, pieces: string | number): Promise<void>
  note(id: string, note: string): Promise<void>
  /** Waits until no job is on its way. */
  settled(): Promise<void>
  /** Waits until the article is so. */
  shows(id: string, fields: object | null, withinMs?: number): Promise<void>
  close(): Promise<void>
}

export async function setStage(options: TargetOptions = {}): Promise<Stage> {
  const stock = await Stock.start()
  const world = await openWorld((url) =>
    defineConfig({
      client: () => new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 2 }) }),
      targets: [stockTarget(stock.url, options)],
    }),
  )
  const { app } = world
  return {
    world,
    stock,
    async create(id, budget, comment) {
      await app.request.create({
        data: { id, reference: `ref-${id}`, customerName: `Article ${id}`, budget, comment: comment ?? null },
      })
    },
    async sell(id, pieces) {
      await app.request.update({ where: { id }, data: { budget: { decrement: pieces } } })
    },
    async note(id, comment) {
      await app.request.update({ where: { id }, data: { comment } })
    },
    settled: () => world.settled('stock'),
    async shows(id, fields, withinMs) {
      let seen: unknown
      const what = `${id} shows ${JSON.stringify(fields)}`
      const isShown = async () => {
        seen = await stock.article(id)
        if (fields === null || seen === null) return seen === fields
        const there = seen as Record<string, unknown>
        return Object.entries(fields).every(([name, value]) => String(there[name]) === String(value))
      }
      await until(what, isShown, withinMs).catch((error) => {
        throw new Error(`${error.message}; it shows ${JSON.stringify(seen)}`)
      })
    },
    async close() {
      await world.close()
      await stock.stop()
    },
  }
}
