import type { Model, RelationField } from '../../model/data-model.ts'
import type { Branch, Grown } from './grown.ts'
import { referredByValue, type Values } from './written.ts'

/** A record that the arguments name, with the relation by which it will be linked. */
export interface NamedRecord {
  readonly model: Model
  readonly where: Values
  readonly grown: Grown | null
}

/** The records that a call links: those that have to be known from before are named, to be read. */
export class LinkedRecords {
  readonly named: NamedRecord[] = []
  /** Records that nested writes link. */
  readonly #linked: (NamedRecord & { readonly grown: Grown })[] = []
  /** Data of nested writes, whose foreign keys may be given by value. */
  readonly #given: { readonly data: Values; readonly branch: Branch }[] = []

  /** A nested write links a record. */
  link(model: Model, where: Values, grown: Grown): void {
    this.#linked.push({ model, where, grown })
  }

  /** Nested writes give data to records, which the relations of `branch` start from. */
  give(list: readonly Values[], branch: Branch): void {
    for (const data of list) this.#given.push({ data, branch })
  }

  /** A foreign key that a record gets by one relation is that of another relation too, which shares its columns. */
  refer({ from, to }: RelationField, records: readonly Values[], branch: Branch): void {
    if (from.length === 0) return
    for (const record of records) {
      const data = Object.fromEntries(from.map((name, at) => [name, record[to[at] ?? '']]))
      this.#given.push({ data, branch })
    }
  }

  /**
   * Names the records that were linked so far, where they have to be known from before: the foreign key that changes is
   * their own, or another nested write changes or deletes what the relation leads to.
   */
  nameLinked(): void {
    const byValue = this.#given.flatMap(({ data, branch }) =>
      [...branch.values()].flatMap((grown) => {
        const where = grown.reworked && referredByValue(grown.field, data)
        return where ? [{ model: grown.link.far, where, grown }] : []
      }),
    )
    const linked = this.#linked.filter(({ grown }) => grown.link.kind === 'held' || grown.reworked)
    this.named.push(...linked, ...byValue)
    this.#linked.length = 0
    this.#given.length = 0
  }
}
