import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultOrder } from '../../demo/stock-service/faults.ts'
import { type Child, startChild } from './child.ts'

const READY_MS = 20_000

/** An article as the service shows it. */
export interface Article {
  readonly id: string
  readonly name: string
  readonly stock: number | string
}

/** The outside system: a small warehouse with an HTTP API, in a process of its own. */
export class StockService {
  readonly url: string
  readonly #child: Child

  /** Starts it, without any article. */
  static async start(folder: string): Promise<StockService> {
    const logFile = join(folder, 'stock.log')
    const child = startChild('demo/stock-service/main.ts', { env: {}, logFile })
    const deadline = Date.now() + READY_MS
    for (;;) {
      const [url] = /http:\/\/\S+/.exec(readFileSync(logFile, 'utf8')) ?? []
      if (url !== undefined) return new StockService(url.replace(/\/$/, ''), child)
      if (child.end() || Date.now() > deadline)
        throw new Error(`the stock service did not start; see ${logFile}`)
      await sleep(20)
    }
  }

  private constructor(url: string, child: Child) {
    this.url = url
    this.#child = child
  }

  /** Has calls fail, in addition to what was ordered before. */
  async fail(order: FaultOrder): Promise<void> {
    await this.#tell('faults', order)
  }

  /** Has it work again. */
  async calm(): Promise<void> {
    await this.#tell('calm', {})
  }

  /** All articles. */
  async articles(): Promise<Article[]> {
    const all: Article[] = []
    for (let after: string | undefined = ''; after !== undefined; ) {
      const url: string = `${this.url}/articles?limit=1000&after=${encodeURIComponent(after)}`
      const response = await fetch(url, { headers: { 'x-person': 'the judge' } })
      const page = (await response.json()) as { articles: Article[]; next?: string }
      all.push(...page.articles)
      after = page.next
    }
    return all
  }

  async stop(): Promise<void> {
    this.#child.process.kill('SIGKILL')
    await this.#child.ended
  }

  async #tell(what: string, order: object): Promise<void> {
    const response = await fetch(`${this.url}/control/${what}`, {
      method: 'POST',
      body: JSON.stringify(order),
    })
    if (!response.ok) throw new Error(`the stock service took no order: ${await response.text()}`)
  }
}
