import type { Target } from '../../../src/model/target.ts'
import type { DocumentPlace, PlaceAnswer } from '../../../src/targets/documents/place.ts'

export const memoryTarget: Target = {
  kind: 'memory',
  name: 'memory',
  model: 'Airport',
  lane: 'memory:memory',
}

/** A place in memory, that compares versions or does not. */
export class MemoryPlace implements DocumentPlace {
  readonly noun = 'memory'
  readonly isExclusive = false
  readonly batchSize = 100
  readonly entries = new Map<string, { readonly version: bigint; readonly document: unknown }>()
  readonly #compares: boolean

  constructor(compares: boolean) {
    this.#compares = compares
  }

  show(_target: Target, record: object) {
    return { document: record }
  }

  async apply(_target: Target, writes: Parameters<DocumentPlace['apply']>[1]) {
    const answers = new Map<string, PlaceAnswer>()
    for (const { id, shown, ticket } of writes) {
      const there = this.entries.get(id)
      if (this.#compares && there && there.version > ticket)
        answers.set(id, { status: 'superseded', version: there.version })
      else this.entries.set(id, { version: ticket, document: shown?.document })
    }
    return answers
  }

  /** What is shown, by id. */
  get shown(): Record<string, unknown> {
    return Object.fromEntries(
      [...this.entries].flatMap(([id, { document }]) => (document === undefined ? [] : [[id, document]])),
    )
  }
}
