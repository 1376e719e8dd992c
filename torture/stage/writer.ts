import { join } from 'node:path'
import { type Child, startChild } from './child.ts'
import { WRITE_OUTCOMES, type WriteOutcome, type WriteReply, type WriteRequest } from './writer-messages.ts'

/** The process of the application, as the harness sees it. */
export class Writer {
  /** Writes by what became of them. */
  readonly outcomes: Record<WriteOutcome, number> = Object.fromEntries(
    WRITE_OUTCOMES.map((outcome) => [outcome, 0]),
  ) as Record<WriteOutcome, number>
  /** Transactions that were repeated because they lost against others. */
  repeats = 0
  /** Writes that failed in a way that nothing explains. */
  readonly failures: string[] = []
  readonly #child: Child
  readonly #waiting = new Map<number, { request: WriteRequest; done: (reply: WriteReply) => void }>()
  #next = 0
  #isStopped = false

  static async start(env: Readonly<Record<string, string>>, folder: string): Promise<Writer> {
    const logFile = join(folder, 'writer.log')
    const child = startChild('torture/stage/writer-process.ts', { env, logFile, talks: true })
    await new Promise<void>((resolve, reject) => {
      child.process.once('message', () => resolve())
      void child.ended.then(() => reject(new Error(`the writer did not start; see ${logFile}`)))
    })
    return new Writer(child)
  }

  private constructor(child: Child) {
    this.#child = child
    child.process.on('message', (reply: WriteReply) => this.#take(reply))
    void child.ended.then(({ code, signal }) => {
      if (!this.#isStopped) this.failures.push(`the process of the application ended (${signal ?? code})`)
      for (const { request, done } of this.#waiting.values()) {
        done({ id: request.id, outcome: 'failed', repeats: 0, error: `the writer ended (${signal ?? code})` })
      }
    })
  }

  /** Writes under way. */
  get pending(): number {
    return this.#waiting.size
  }

  /** Has a write done. @returns once it is decided what became of it */
  write(name: string, salt: number): Promise<WriteReply> {
    const request: WriteRequest = { id: this.#next++, name, salt }
    if (this.#child.end()) {
      return Promise.resolve({ id: request.id, outcome: 'failed', repeats: 0, error: 'the writer has ended' })
    }
    return new Promise((done) => {
      this.#waiting.set(request.id, { request, done })
      this.#child.process.send(request)
    })
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    if (this.#child.process.connected) this.#child.process.disconnect()
    await this.#child.ended
  }

  #take(reply: WriteReply): void {
    const waiting = this.#waiting.get(reply.id)
    if (!waiting) return
    this.#waiting.delete(reply.id)
    this.outcomes[reply.outcome]++
    this.repeats += reply.repeats
    if (reply.outcome === 'failed') this.failures.push(`${waiting.request.name}: ${reply.error}`)
    waiting.done(reply)
  }
}
