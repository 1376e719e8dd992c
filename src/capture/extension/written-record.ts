import type { Values } from './written.ts'

/** A record of a nested write. */
export interface WrittenRecord {
  /** The part of the arguments, to know it again by. */
  readonly item: Values
  /** What names it; null of new ones and of many. */
  readonly where: Values | null
  readonly exists: boolean
}

/** Whether a record that is changed may be the other one: where the arguments do not tell, it may. */
export function mayBeSame({ where }: WrittenRecord, other: WrittenRecord | undefined): boolean {
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
