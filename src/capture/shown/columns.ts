/**
 * Columns of a table: these, or all but these. `allBut` takes in columns that Prisma does not know, and names none of
 * those it means: a trigger that is made of it goes on working when one of them is renamed.
 */
export interface Columns {
  readonly kind: 'only' | 'allBut'
  readonly names: ReadonlySet<string>
}

/** Every column. */
export const ALL: Columns = { kind: 'allBut', names: new Set() }

/** No column. */
export const NONE: Columns = { kind: 'only', names: new Set() }

/** These columns. */
export function only(names: Iterable<string>): Columns {
  return { kind: 'only', names: new Set(names) }
}

/** All columns but these. */
export function allBut(names: Iterable<string>): Columns {
  return { kind: 'allBut', names: new Set(names) }
}

/** Whether a column is among them. */
export function holds({ kind, names }: Columns, column: string): boolean {
  return names.has(column) === (kind === 'only')
}

/** Whether there is none. */
export function isNone({ kind, names }: Columns): boolean {
  return kind === 'only' && names.size === 0
}

/** The two together. */
export function united(one: Columns, other: Columns): Columns {
  if (one.kind === 'only' && other.kind === 'only') return only([...one.names, ...other.names])
  const open = one.kind === 'allBut' ? one : other
  const rest = open === one ? other : one
  return allBut([...open.names].filter((name) => !holds(rest, name)))
}

/** Whether there is a column that both hold; of two that hold all but some, one is taken to be there. */
export function intersects(one: Columns, other: Columns): boolean {
  if (one.kind === 'allBut' && other.kind === 'allBut') return true
  const [named, rest] = one.kind === 'only' ? [one, other] : [other, one]
  return [...named.names].some((name) => holds(rest, name))
}
