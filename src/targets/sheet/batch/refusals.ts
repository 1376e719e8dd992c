import { WritebackError } from '../../../errors.ts'
import { isCellLimit } from '../google/cell-limit.ts'
import type { Chunk } from '../write/chunks.ts'
import type { TargetDecisions } from './decide-target.ts'
import type { TargetWork } from './work.ts'
import type { ChunkRefused } from './write-chunk.ts'

/** A target that the API refuses as a whole. */
export interface StoppedTarget {
  readonly work: TargetWork
  readonly reason: WritebackError
}

/**
 * Singles out the records that the API refuses. A first refusal blames nobody: what was read may have been out of date.
 * After the second the call is divided, by the request that the API names or else in halves, until the bad record is
 * alone. It is dead if other records of its target could be written, and has failed if none could, as the reason may
 * then be the tab's.
 */
export class Refusals {
  #groups = 0
  readonly #seen = new WeakMap<TargetWork, Set<string>>()
  readonly #written = new Set<TargetWork>()
  readonly #accused = new Map<TargetWork, Map<string, string>>()

  /** Some records of the target could be written. */
  succeeded(work: TargetWork): void {
    this.#written.add(work)
  }

  /** True when every record of a call has been in a refused one before. */
  isRepeated(chunk: Chunk<TargetDecisions>): boolean {
    return recordsOf(chunk).every(({ work, id }) => this.#seen.get(work)?.has(id))
  }

  /** @returns targets that cannot go on */
  refused(chunk: Chunk<TargetDecisions>, refusal: ChunkRefused): StoppedTarget[] {
    const isFirst = !this.isRepeated(chunk)
    const records = recordsOf(chunk)
    for (const { work, id } of records) {
      const seen = this.#seen.get(work) ?? new Set()
      this.#seen.set(work, seen.add(id))
    }
    const isFull = isCellLimit(refusal.message)
    if (isFull) for (const { work } of chunk.keys()) work.memory.isTight = true
    if (isFirst) return []
    const stopped = [...chunk].flatMap(([{ work, model }, decisions]) => {
      const reason = model.protection(decisions)
      return reason ? [{ work, reason }] : []
    })
    if (stopped.length > 0) return stopped
    const { part, work: blamed } = refusal
    if ((part === 'setup' || isFull) && blamed)
      return [{ work: blamed, reason: tabRefused(blamed, refusal.message) }]
    const [only, ...others] = records
    if (only && others.length === 0) this.#accuse(only.work, only.id, refusal.message)
    else this.#divide(records, refusal)
    return []
  }

  /** Says what became of the records that were singled out. */
  settle(): void {
    for (const [work, accused] of this.#accused) {
      for (const [id, words] of accused) {
        const reason = `the Sheets API refuses the record's row: ${words}`
        const status = this.#written.has(work) ? 'dead' : 'failed'
        work.add(id)
        work.settle(id, { status, code: 'SHEET_REFUSED', reason })
      }
    }
    this.#accused.clear()
  }

  #accuse(work: TargetWork, id: string, words: string): void {
    const accused = this.#accused.get(work) ?? new Map<string, string>()
    this.#accused.set(work, accused.set(id, words))
    work.todo.delete(id)
  }

  #divide(
    records: readonly { readonly work: TargetWork; readonly id: string }[],
    refusal: ChunkRefused,
  ): void {
    const { ids, work } = refusal
    const named = new Set(ids)
    const isNamed = (record: { work: TargetWork; id: string }) => record.work === work && named.has(record.id)
    const suspects = records.filter(isNamed)
    // The first half goes into a group of its own, the rest stays together.
    const known = suspects.length > 0 && suspects.length < records.length
    const part = known ? suspects : records.slice(0, Math.ceil(records.length / 2))
    const group = ++this.#groups
    for (const { work: owner, id } of part) {
      const todo = owner.todo.get(id)
      if (todo) todo.group = group
    }
  }
}

/** The records of a call, each once. */
function recordsOf(chunk: Chunk<TargetDecisions>): { work: TargetWork; id: string }[] {
  return [...chunk].flatMap(([{ work }, decisions]) =>
    [...new Set(decisions.map(({ id }) => id))].map((id) => ({ work, id })),
  )
}

function tabRefused(work: TargetWork, words: string): WritebackError {
  return new WritebackError('SHEET_REFUSED', {
    problem: `the Sheets API refuses to change tab "${work.memory.title}"`,
    got: words,
    remedy: 'Undo what stands in the way; the target goes on by itself',
  })
}
