import { farColumns, type Grown, intersect, nearColumns } from './grown.ts'
import { mayBeSame, type WrittenRecord } from './written-record.ts'

/** Columns that link records, in the table that holds them. */
interface Placing {
  readonly grown: Grown
  readonly table: string
  readonly columns: readonly string[]
}

/** A link to a record that was created, or got another key: no other way leads to it. */
export interface OnlyLink {
  readonly grown: Grown
  /** The record whose row has the foreign key, where a nested write tells. */
  readonly holder: WrittenRecord | undefined
  /** The record that the relation starts from, where a nested write tells. */
  readonly near: WrittenRecord | undefined
  /** The relations that lead to that record, from the call's own. */
  readonly path: readonly Grown[]
}

/** Columns that a nested update gives values to. */
interface Rewrite {
  readonly table: string
  readonly columns: ReadonlySet<string>
  readonly record: WrittenRecord
}

/** Operations on a relation that may end a link which another part of the call has made on it. */
interface Ending {
  readonly grown: Grown
  /** The record that the relation starts from, where a nested write tells. */
  readonly near: WrittenRecord | undefined
}

/** A nested write that deletes. */
interface Deletion {
  readonly grown: Grown
  /** Their model, and those whose records may be taken along. */
  readonly models: ReadonlySet<string>
}

/**
 * Nested writes of one call can work against each other: one links a record that it creates, and another one gives the
 * foreign key another value. What was created is then found by no link.
 *
 * Gathers what the nested writes link, and what can take a link away again.
 */
export class Placings {
  readonly #onlyLinks: (OnlyLink & Placing)[] = []
  readonly #relinkings: Placing[] = []
  readonly #rewrites: Rewrite[] = []
  readonly #endings: Ending[] = []
  readonly #deletions: Deletion[] = []

  /** The one link to a record. */
  add(link: OnlyLink): void {
    this.#onlyLinks.push({ ...link, ...placing(link.grown) })
  }

  /** An operation on a relation may link its records, or those of others, elsewhere. */
  relinks(grown: Grown): void {
    this.#relinkings.push(placing(grown))
  }

  /** An update gives values to columns. */
  rewrites(table: string, columns: ReadonlySet<string>, record: WrittenRecord): void {
    this.#rewrites.push({ table, columns, record })
  }

  /** An operation on a relation may end a link. */
  ends(grown: Grown, near: WrittenRecord | undefined): void {
    this.#endings.push({ grown, near })
  }

  /** An operation on a relation deletes records of these models. */
  deletes(grown: Grown, models: ReadonlySet<string>): void {
    this.#deletions.push({ grown, models })
  }

  /**
   * Compares the nested writes with each other, once all are known, and marks the relations that may not lead to what was
   * created under them.
   */
  settle(): void {
    for (const one of this.#onlyLinks) {
      const isTaken =
        this.#relinkings.some((other) => isRelinked(one, other)) ||
        this.#rewrites.some((other) => isRewritten(one, other)) ||
        this.#endings.some((other) => isEnded(one, other)) ||
        this.#deletions.some((other) => isCutOff(one, other))
      if (isTaken) one.grown.unlinks = true
    }
  }
}

/** Whether a nested write may link elsewhere what another one has linked. Which record it names is not looked at. */
function isRelinked(link: Placing, other: Placing): boolean {
  return (
    link.grown !== other.grown &&
    link.table === other.table &&
    intersect(new Set(other.columns), link.columns)
  )
}

/** Whether an update may give another value to the foreign key that another nested write has set. */
function isRewritten(link: OnlyLink & Placing, { table, columns, record }: Rewrite): boolean {
  return (
    link.holder?.item !== record.item &&
    link.table === table &&
    intersect(columns, link.columns) &&
    mayBeSame(record, link.holder)
  )
}

/** Whether operations on the same relation, in another part of the call, may take away the link. */
function isEnded(link: OnlyLink, { grown, near }: Ending): boolean {
  if (grown !== link.grown || near === undefined || near.item === link.near?.item) return false
  return mayBeSame(near, link.near)
}

/** Whether a record on the way to the link may be deleted, by another relation than those of the way. */
function isCutOff({ grown: own, path }: OnlyLink, { grown, models }: Deletion): boolean {
  // What a relation's own operations delete, their order tells.
  if (grown === own || path.includes(grown)) return false
  const root = path[0] ?? own
  return [root.link.near, ...path.map(({ link }) => link.far)].some(({ name }) => models.has(name))
}

/** Where a relation's link is kept. */
function placing(grown: Grown): Placing {
  const { link } = grown
  if (link.kind === 'join') return { grown, table: `join ${link.table.relation}`, columns: ['A', 'B'] }
  const holder = link.kind === 'holds' ? link.near : link.far
  return { grown, table: holder.name, columns: link.kind === 'holds' ? nearColumns(link) : farColumns(link) }
}
