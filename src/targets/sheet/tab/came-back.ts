/** How long it is known, in milliseconds: people undo what they have just done. */
const KNOWN_MS = 600_000

/** So many are known at a time. */
const MOST = 10_000

/**
 * Records whose row was gone and was written anew: whoever undoes what removed it makes two of them, and wants no new
 * record. A hint: another worker does not know of it.
 */
export class CameBack {
  readonly #at = new Map<string, number>()

  note(id: string): void {
    this.#at.delete(id)
    this.#at.set(id, performance.now())
    const [oldest] = this.#at.keys()
    if (this.#at.size > MOST && oldest !== undefined) this.#at.delete(oldest)
  }

  has(id: string): boolean {
    const at = this.#at.get(id)
    return at !== undefined && performance.now() - at < KNOWN_MS
  }
}
