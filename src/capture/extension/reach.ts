import type { Model, RelationField } from '../../model/data-model.ts'
import type { Link } from '../shown/links.ts'
import { type Crossed, type GivenKeys, tellsNothing } from './crossed.ts'
import type { Branch, Grown } from './grown.ts'
import type { Search } from './search.ts'
import type { Tracked, TrackedTable } from './tracked.ts'
import type { Unfollowed } from './unfollowed.ts'
import { Walk } from './walk.ts'
import { type Values, writtenColumns } from './written.ts'

/*
 * How far a write reaches beyond the records of its own model, from its arguments alone: which relations its
 * nested writes and its changes of keys go through, and what has to be read before the write because it cannot
 * be found afterwards. Nothing here touches the database.
 */

/** A relation that a write goes through, and what it may do to the records at the far end. */
export interface Touch {
  readonly field: RelationField
  readonly link: Link
  /** The table at the far end. */
  readonly table: TrackedTable
  readonly far: Model
  /**
   * Which of the linked records are read before the write: all of them, or those that fulfil one of these
   * conditions (Prisma's `where`). They may be changed, unlinked or deleted, so that the link does not lead to
   * them any more.
   */
  readonly before: 'all' | readonly Values[]
  /** Whether linked records may be deleted, and something that matters goes with them. */
  readonly deletes: boolean
  /** What Prisma finds linked records by, and others with them; empty where it finds none but those. */
  readonly crossed: Crossed
  /** Whether records at the far end may be created. */
  readonly creates: boolean
  /**
   * Whether the link may not lead to records that were created, or got another key. Their table is searched for
   * what the transaction wrote.
   */
  readonly searched: boolean
  /** What happens to the records that are linked to those. */
  readonly touches: readonly Touch[]
}

/** A record that the arguments name: it will be linked, so that where it was linked before has to be known. */
export interface Named {
  readonly model: Model
  readonly where: Values
  /** The relation that it will be linked by, with what changes along; null where it is not linked, or nothing shows it. */
  readonly touch: Touch | null
}

/** How far a write reaches. */
export interface Reach {
  readonly touches: readonly Touch[]
  readonly named: readonly Named[]
  /** The tables that are searched. */
  readonly searches: readonly Search[]
}

/** A write that does nothing but to records of its own model. */
export const NO_REACH: Reach = { touches: [], named: [], searches: [] }

/**
 * What the data of a `create`, `update` or `upsert` does through relations.
 *
 * @param data what a record that is created is given, or null
 * @param changes what a record that exists is given, or null
 */
export function reachOf(tracked: Tracked, model: Model, data: unknown, changes: unknown): Reach {
  const walk = new Walk(tracked)
  const root: Branch = new Map()
  if (data) walk.data(model, data, root, false)
  // Of an upsert either half is run: what one links, the other does not change.
  walk.linked.nameLinked()
  if (changes) walk.data(model, changes, root, true)
  if (changes) walk.moves(model, writtenColumns(model, changes), root, 0)
  walk.linked.nameLinked()
  walk.placings.settle()
  const touches = new Map<Grown, Touch>()
  return {
    touches: settled(tracked, walk.keys, root, touches),
    named: walk.linked.named.flatMap(({ model: of, where, grown }) => {
      const touch = (grown && touches.get(grown)) ?? null
      return tracked.matters(tracked.table(of)) || touch !== null ? [{ model: of, where, touch }] : []
    }),
    searches: [...touches.values()]
      .filter(({ searched }) => searched)
      .map((touch) => searchOf(tracked, touch)),
  }
}

/** The relations, at any depth, by which Prisma may find more records than are linked. */
export function crossing(touches: readonly Touch[]): Touch[] {
  return touches.flatMap((touch) => [...(touch.crossed.size > 0 ? [touch] : []), ...crossing(touch.touches)])
}

/** Records that Prisma may take for linked ones, and that cannot be read: the call tells no part of their keys. */
export function unfollowedCrossed({ touches }: Reach): Unfollowed[] {
  const blind = crossing(touches).filter(({ crossed }) => tellsNothing(crossed))
  return blind.map(({ far, field }) => ({
    model: far.name,
    because: `nested writes at ${field.name} that change keys of several fields, which Prisma compares each apart`,
  }))
}

/** Leaves out what no target shows, with the relations that lead nowhere else. */
function settled(
  tracked: Tracked,
  keys: GivenKeys,
  branch: Branch,
  all: Map<Grown, Touch>,
): readonly Touch[] {
  return [...branch.values()].flatMap((grown) => {
    const { field, link, before, creates, unlinks: searched } = grown
    const table = tracked.table(link.far)
    const touches = settled(tracked, keys, grown.branch, all)
    const deletes = grown.deletes && tracked.takesAlong(link.far)
    const shown =
      tracked.matters(table) || (link.kind === 'join' && tracked.matters(tracked.joinTable(link.table)))
    if (!(grown.acts && shown) && touches.length === 0 && !deletes) return []
    const crossed: Crossed = grown.crosses ? keys.crossed(link) : new Map()
    const { far } = link
    const touch: Touch = { field, link, table, far, deletes, crossed, touches, before, creates, searched }
    all.set(grown, touch)
    return [touch]
  })
}

function searchOf(tracked: Tracked, touch: Touch): Search {
  const models = new Set<string>()
  const add = ({ table, far, touches }: Touch) => {
    if (tracked.matters(table)) models.add(far.name)
    touches.forEach(add)
  }
  add(touch)
  return { table: touch.table, models: [...models] }
}
