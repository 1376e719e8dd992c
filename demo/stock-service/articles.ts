import { appendFileSync, existsSync, readFileSync } from 'node:fs'

/** What a warehouse knows of an article. */
export interface Article {
  readonly id: string
  /** Goes up whenever anybody changes the article: its ETag. */
  readonly version: number
  readonly fields: Readonly<Record<string, unknown>>
}

/** A change, as the file has it: one line each. */
interface Line {
  readonly id: string
  readonly fields: Readonly<Record<string, unknown>> | null
  readonly version: number
  readonly key?: string
  readonly answer?: Kept
}

/** The answer of a call with an idempotency key, kept for its repeats. */
export interface Kept {
  readonly status: number
  readonly body: unknown
  readonly etag?: string
}

/**
 * The articles, and the answers that were given to idempotency keys, in a file that outlives the process. A change and
 * the answer to its key are one line, so that no crash keeps one without the other.
 */
export class Articles {
  readonly #articles = new Map<string, Article>()
  readonly #answers = new Map<string, Kept>()
  readonly #file: string | undefined
  #version = 0

  /** @param file where changes are kept; nowhere without */
  constructor(file?: string) {
    this.#file = file
    if (file === undefined || !existsSync(file)) return
    const lines = readFileSync(file, 'utf8').split('\n')
    // A last line without its end was being written when the process died.
    for (const line of lines.slice(0, -1)) this.#take(JSON.parse(line) as Line)
  }

  /** By id. */
  all(): Article[] {
    return [...this.#articles.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0))
  }

  get(id: string): Article | undefined {
    return this.#articles.get(id)
  }

  answerTo(key: string): Kept | undefined {
    return this.#answers.get(key)
  }

  /** Forgets the answers to all keys, as a real service does after some hours. */
  forgetAnswers(): void {
    this.#answers.clear()
  }

  /**
   * Changes an article, or makes it.
   * @param answerOf the answer to be kept under the key, where there is one
   */
  write(
    id: string,
    fields: Article['fields'] | null,
    key?: string,
    answerOf?: (article: Article) => Kept,
  ): Article {
    const version = this.#version + 1
    const article = { id, version, fields: fields ?? {} }
    const answer = key === undefined ? undefined : answerOf?.(article)
    const line: Line = { id, fields, version, ...(key !== undefined && { key }), ...(answer && { answer }) }
    if (this.#file !== undefined) appendFileSync(this.#file, `${JSON.stringify(line)}\n`)
    this.#take(line)
    return article
  }

  #take({ id, fields, version, key, answer }: Line): void {
    this.#version = version
    if (fields === null) this.#articles.delete(id)
    else this.#articles.set(id, { id, version, fields })
    if (key !== undefined && answer) this.#answers.set(key, answer)
  }
}
