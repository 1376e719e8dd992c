import { type DemoProcess, startProcess } from '../processes.ts'
import type { FaultOrder } from './faults.ts'

/** What people do is not hit by faults. */
const PERSON = { 'x-person': 'somebody in the warehouse' }

/** An article as the service lists it. */
export interface ListedArticle {
  readonly id: string
  readonly name: string
  readonly stock: number | string
}

/** The stock service as a process of its own, and what people do there: for tests, benchmarks and the torture. */
export class Stock {
  readonly url: string
  readonly #process: DemoProcess

  private constructor(process: DemoProcess, url: string) {
    this.#process = process
    this.url = url
  }

  static async start(args: readonly string[] = []): Promise<Stock> {
    const ready = /^stock service at (\S+)$/
    const process = await startProcess('demo/stock-service/main.ts', args, {}, ready)
    return new Stock(process, process.ready[1] ?? '')
  }

  /** What the article is, without its id; null where there is none. */
  async article(id: string): Promise<Record<string, unknown> | null> {
    const response = await fetch(`${this.url}/articles/${id}`, { headers: PERSON })
    if (response.status === 404) return null
    const { id: _id, ...fields } = (await response.json()) as Record<string, unknown>
    return fields
  }

  /** All articles. */
  async articles(): Promise<ListedArticle[]> {
    const all: ListedArticle[] = []
    for (let after: string | undefined = ''; after !== undefined; ) {
      const url: string = `${this.url}/articles?limit=1000&after=${encodeURIComponent(after)}`
      const response = await fetch(url, { headers: PERSON })
      const page = (await response.json()) as { articles: ListedArticle[]; next?: string }
      all.push(...page.articles)
      after = page.next
    }
    return all
  }

  /** Somebody in the warehouse changes an article. */
  async put(id: string, fields: object): Promise<void> {
    await this.#send('PUT', `articles/${id}`, fields)
  }

  /** Somebody in the warehouse takes something out, or puts something in. */
  async move(id: string, by: string | number): Promise<void> {
    await this.#send('POST', `articles/${id}/movements`, { by })
  }

  async remove(id: string): Promise<void> {
    await this.#send('DELETE', `articles/${id}`)
  }

  async faults(order: FaultOrder): Promise<void> {
    await this.#send('POST', 'control/faults', order)
  }

  async calm(): Promise<void> {
    await this.#send('POST', 'control/calm')
  }

  /** The service forgets its answers to idempotency keys. */
  async forget(): Promise<void> {
    await this.#send('POST', 'control/forget')
  }

  async features(features: { keys?: boolean; etags?: boolean }): Promise<void> {
    await this.#send('POST', 'control/features', features)
  }

  /** Calls about articles so far, by method. */
  async calls(): Promise<Record<string, number>> {
    return (await this.#control()).calls
  }

  /** What people moved since it was started, by article. */
  async moved(): Promise<Record<string, string>> {
    return (await this.#control()).moved
  }

  async #control(): Promise<{ calls: Record<string, number>; moved: Record<string, string> }> {
    return (await (await fetch(`${this.url}/control`)).json()) as never
  }

  stop(): Promise<void> {
    return this.#process.stop()
  }

  async #send(method: string, path: string, body?: object): Promise<void> {
    const response = await fetch(`${this.url}/${path}`, {
      method,
      headers: PERSON,
      ...(body && { body: JSON.stringify(body) }),
    })
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  }
}
