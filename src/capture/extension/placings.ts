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

/** Operations on a relation that may end a link which another part of the call has made on it. */
export interface Ending {
  readonly grown: Grown
  /** The record that the relation starts from, where a nested write tells. */
  readonly near: WrittenRecord | undefined
}

/** A nested write that deletes. */
export interface Deletion {
  readonly grown: Grown
  /** Their model, and those whose records may be taken along. */
  readonly models: ReadonlySet<string>
}

/** Columns that link records, in the table that holds them. */
export interface Placing {
  readonly grown: Grown
  readonly table: string
  readonly columns: readonly string[]
  /** The record that has them, where a nested write tells. */
  readonly record?: WrittenRecord | undefined
}

/** A link to a record that was created, or got another key: no other way leads to it. */
export interface OnlyLink extends Placing {
  /** The record that the relation starts from, where a nested write tells. */
  readonly near: WrittenRecord | undefined
  /** The relations that lead to that record, from the call's own. */
  readonly path: readonly Grown[]
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
  return (
    placing.record?.item !== record.item &&
    table === placing.table &&
    intersect(columns, placing.columns) &&
    mayBeSame(record, placing.record)
  )
}

/** Whether operations on the same relation, in another part of the call, may take away the link. */
export function ends({ grown, near }: Ending, placing: OnlyLink): boolean {
  if (grown !== placing.grown || near === undefined || near.item === placing.near?.item) return false
  return mayBeSame(near, placing.near)
}

/** Whether a record on the way to the link may be deleted, by another relation than those of the way. */
export function cutsOff({ grown, models }: Deletion, { grown: own, path }: OnlyLink): boolean {
  // What a relation's own operations delete, their order tells.
  if (grown === own || path.includes(grown)) return false
  const root = path[0] ?? own
  return [root.link.near, ...path.map(({ link }) => link.far)].some(({ name }) => models.has(name))
}

/** Whether a record that is changed may be the other one. */
function mayBeSame({ where }: WrittenRecord, other: WrittenRecord | undefined): boolean {
  if (where === null || other === undefined) return where === null
  return other.exists ? !areApart(where, other.where) : mayName(where, other.item)
}

/** Whether a condition may name the record that is made of some data. */
function mayName(where: Values, data: Values): boolean {
  const names = Object.keys(where)
  const known = names.filter((name) => data[name] !== undefined)
  if (known.length === 0) return names.length === 0
  return known.every((name) => !isPlain(where[name]) || !isPlain(data[name]) || where[name] === data[name])
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
