import { createHash } from 'node:crypto'
import type { Redis } from './client.ts'

/** A Lua script: Redis runs it whole, with nothing in between. */
export class Script {
  readonly #text: string
  readonly #sha: string

  constructor(text: string) {
    this.#text = text
    this.#sha = createHash('sha1').update(text).digest('hex')
  }

  /** @param keys all in one slot of a cluster */
  async run(redis: Redis, keys: readonly string[], ...args: string[]): Promise<unknown> {
    const rest = [String(keys.length), ...keys, ...args]
    try {
      return await redis.command(keys[0], 'EVALSHA', this.#sha, ...rest)
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('NOSCRIPT'))) throw error
      return await redis.command(keys[0], 'EVAL', this.#text, ...rest)
    }
  }
}
