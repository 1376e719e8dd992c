import { setTimeout as sleep } from 'node:timers/promises'
import { Random } from './random.ts'
import { SPREADSHEETS } from './spreadsheets.ts'

/** Where a canary's record is shown. */
const SHOWN_IN = [SPREADSHEETS.requests, SPREADSHEETS.operators, SPREADSHEETS.ledger]

import type { Stage } from './stage/stage.ts'

/** How often the sheets are looked at for a canary, and for how long, in milliseconds. */
const LOOK_EVERY_MS = 100
const GIVE_UP_MS = 150_000

/** How long it takes after a fault until changes reach every sheet again. */
export class Recovery {
  /** Milliseconds from the end of a fault until a write made then stood in all three spreadsheets, by kind. */
  readonly times = new Map<string, number[]>()
  readonly #stage: Stage
  readonly #watching = new Set<Promise<void>>()
  #active = 0
  #generation = 0
  #salt = 0

  constructor(stage: Stage) {
    this.#stage = stage
  }

  /** A fault begins. @returns to be called when it is over */
  begins(kind: string): () => void {
    this.#active++
    this.#generation++
    return () => {
      this.#active--
      // While others last, nobody could say which of them it was that took the time.
      if (this.#active > 0) return
      const watch = this.#watch(kind, this.#generation).finally(() => this.#watching.delete(watch))
      this.#watching.add(watch)
    }
  }

  /** Waits for what is being measured. */
  async end(): Promise<void> {
    await Promise.all(this.#watching)
  }

  async #watch(kind: string, generation: number): Promise<void> {
    const started = performance.now()
    const salt = ++this.#salt
    const text = `canary ${new Random(salt).salt()}`
    for (;;) {
      const { outcome } = await this.#stage.writer.write('canary', salt)
      if (outcome === 'done') break
      if (generation !== this.#generation || performance.now() - started > GIVE_UP_MS) return
      await sleep(LOOK_EVERY_MS)
    }
    const missing = new Set<string>(SHOWN_IN)
    while (missing.size > 0) {
      // Another fault began: what is measured from here on would be that one's.
      if (generation !== this.#generation || performance.now() - started > GIVE_UP_MS) return
      await sleep(LOOK_EVERY_MS)
      for (const id of missing) {
        if (await this.#stage.sheets.isThere(id, text)) missing.delete(id)
      }
    }
    const times = this.times.get(kind) ?? []
    times.push(performance.now() - started)
    this.times.set(kind, times)
  }
}
