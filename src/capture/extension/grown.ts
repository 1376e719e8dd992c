import type { RelationField } from '../../model/data-model.ts'
import type { KeyLink, Link } from '../shown/links.ts'
import type { Values } from './written.ts'

/*
 * The relations that the nested writes of a call go through, as a tree: it grows while the arguments are read. Nested
 * writes of one relation share a branch, whichever records they are of.
 */

/** A relation that nested writes go through, as far as the arguments have been read. */
export interface Grown {
  readonly field: RelationField
  readonly link: Link
  before: 'all' | Values[]
  deletes: boolean
  /** Whether records with parts of the keys of several linked ones may be changed or deleted with them. */
  crosses: boolean
  creates: boolean
  /** Whether records that it leads to are changed or deleted, and with them those that another nested write links. */
  reworked: boolean
  /** Whether anything happens to the far records, or to the table that links them. */
  acts: boolean
  /** Whether the relation may not lead to the records that were created, or got another key, under it. */
  unlinks: boolean
  readonly branch: Branch
}

/** The relations of a model that nested writes go through, by field. */
export type Branch = Map<string, Grown>

/** The relation on a branch, which gets it when it has not. */
export function grow(branch: Branch, field: RelationField, link: () => Link): Grown {
  const present = branch.get(field.name)
  if (present) return present
  const grown: Grown = {
    field,
    link: link(),
    before: [],
    deletes: false,
    crosses: false,
    creates: false,
    reworked: false,
    acts: false,
    unlinks: false,
    branch: new Map(),
  }
  branch.set(field.name, grown)
  return grown
}

/** The columns of a link in the table that it starts from. */
export function nearColumns(link: KeyLink): string[] {
  return link.pairs.map((pair) => pair.near)
}

/** The columns of a link in the table that it leads to. */
export function farColumns(link: KeyLink): string[] {
  return link.pairs.map((pair) => pair.far)
}

/** Whether one of the columns is written. */
export function intersect(written: ReadonlySet<string>, columns: readonly string[]): boolean {
  return columns.some((column) => written.has(column))
}
