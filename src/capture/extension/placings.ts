import type { RelationField } from '../../model/data-model.ts'
import type { KeyLink, Link } from '../shown/links.ts'
import type { Values } from './written.ts'

/*
 * Nested writes of one call can work against each other: one links a record that it creates, and another one gives the
 * foreign key another value. What was created is then found by no link.
 */

/** A relation that nested writes go through, as the walk has found it so far. */
export interface Grown {
  readonly field: RelationField
  readonly link: Link
  before: 'all' | Values[]
  deletes: boolean
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

/** A record of a nested write. */
export interface WrittenRecord {
  /** The part of the arguments, to know it again by. */
  readonly item: Values
  /** What names it; null of new ones and of many. */
  readonly where: Values | null
  readonly exists: boolean
}

/** Columns that a nested update gives values to. */
export interface Rewrite {
  readonly table: string
  readonly columns: ReadonlySet<string>
  readonly record: WrittenRecord
}

/** Columns that link records, in the table that holds them. */
export interface Placing {
  readonly grown: Grown
  readonly table: string
  readonly columns: readonly string[]
  /** The record that has them, where a nested write tells. */
  readonly record?: WrittenRecord | undefined
}

/** Whether a nested write may link elsewhere what another one has linked. */
export function relinks(one: Placing, placing: Placing): boolean {
  return (
    one.grown !== placing.grown &&
    one.table === placing.table &&
    intersect(new Set(one.columns), placing.columns)
  )
}

/** Whether an update may give another value to the foreign key that another nested write has set. */
export function rewrites({ table, columns, record }: Rewrite, placing: Placing): boolean {
  const other = placing.record
  if (other?.item === record.item || table !== placing.table || !intersect(columns, placing.columns))
    return false
  // A new record is not named by an update next to it, but may be among those of an updateMany.
  return other?.exists ? !areApart(record.where, other.where) : record.where === null
}

/** Whether two conditions by the same unique name different records. */
function areApart(one: Values | null, other: Values | null): boolean {
  const names = Object.keys(one ?? {})
  const alike = names.length > 0 && names.join() === Object.keys(other ?? {}).join()
  return (
    alike &&
    names.every((name) => isPlain(one?.[name])) &&
    names.some((name) => one?.[name] !== other?.[name])
  )
}

function isPlain(value: unknown): boolean {
  return ['string', 'number', 'bigint'].includes(typeof value)
}

/** Where a relation's link is kept. */
export function placing(grown: Grown): Placing {
  const { link } = grown
  if (link.kind === 'join') return { grown, table: `join ${link.table.relation}`, columns: ['A', 'B'] }
  const holder = link.kind === 'holds' ? link.near : link.far
  return { grown, table: holder.name, columns: link.kind === 'holds' ? nearColumns(link) : farColumns(link) }
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
