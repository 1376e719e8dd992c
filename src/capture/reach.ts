import type { DataModel, Model, RelationField } from '../model/data-model.ts'
import type { Tracked, TrackedTable } from './tracked.ts'
import { columnOf, type Link } from './triggers/links.ts'
import type { Unfollowed } from './unfollowed.ts'

/*
 * How far a write reaches beyond the records of its own model, from its arguments alone: which relations its
 * nested writes and its changes of keys go through, and what has to be read before the write because it cannot
 * be found afterwards. Nothing here touches the database.
 */

type Values = Readonly<Record<string, unknown>>

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
  /** Whether records at the far end may be created. */
  readonly creates: boolean
  /** What happens to the records that are linked to those. */
  readonly touches: readonly Touch[]
}

/** A record that the arguments name: it will be linked, so that where it was linked before has to be known. */
export interface Named {
  readonly model: Model
  readonly where: Values
  /** What changes with the named record: keys that refer to the one that it will be linked by. */
  readonly touches: readonly Touch[]
}

/** How far a write reaches. */
export interface Reach {
  readonly touches: readonly Touch[]
  readonly named: readonly Named[]
  /** What of it cannot be followed. */
  readonly unfollowed: readonly Unfollowed[]
}

/** A write that does nothing but to records of its own model. */
export const NO_REACH: Reach = { touches: [], named: [], unfollowed: [] }

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
  if (changes) walk.data(model, changes, root, true)
  if (changes) walk.moves(model, writtenColumns(model, changes), root, 0)
  const touches = new Map<Grown, Touch>()
  return {
    touches: settled(tracked, root, touches),
    named: walk.named.flatMap(({ model: of, where, grown }) => {
      const further = (grown && touches.get(grown)?.touches) ?? NOTHING_FURTHER
      return tracked.matters(tracked.table(of)) || further.length > 0
        ? [{ model: of, where, touches: further }]
        : []
    }),
    unfollowed: walk.unfollowed,
  }
}

/** The columns that written data gives values to: by their fields, and by the relations that hold them. */
export function writtenColumns(model: Model, data: unknown): ReadonlySet<string> {
  const columns = new Set<string>()
  for (const one of [data].flat()) {
    for (const [name, value] of Object.entries((one ?? {}) as Values)) {
      const field = model.fields[name]
      if (field === undefined || value === undefined) continue
      if (field.kind !== 'relation') columns.add(field.column)
      else for (const own of field.from) columns.add(columnOf(model, own))
    }
  }
  return columns
}

/**
 * Prisma's condition for one record as a condition for many: a compound key is spelled out.
 * `{ requestId_position: { requestId, position } }` becomes `{ requestId, position }`.
 */
export function asFilter(model: Model, where: Values): Values {
  const parts = Object.entries(where).map(([name, value]): Values => {
    const compound = !(name in model.fields) && !['AND', 'OR', 'NOT'].includes(name)
    return compound && typeof value === 'object' && value !== null ? (value as Values) : { [name]: value }
  })
  return Object.assign({}, ...parts)
}

/** One list for all, so that records with nothing further are read together. */
const NOTHING_FURTHER: readonly Touch[] = []

/** A key that refers to a key that refers to a key: deeper than this the schema is a circle. */
const DEEPEST_MOVE = 16

interface Grown {
  readonly field: RelationField
  readonly link: Link
  before: 'all' | Values[]
  deletes: boolean
  creates: boolean
  /** Whether anything happens to the far records, or to the table that links them. */
  acts: boolean
  readonly branch: Branch
}
type Branch = Map<string, Grown>

class Walk {
  readonly named: { readonly model: Model; readonly where: Values; readonly grown: Grown | null }[] = []
  readonly unfollowed: Unfollowed[] = []
  readonly #tracked: Tracked
  readonly #dataModel: DataModel

  constructor(tracked: Tracked) {
    this.#tracked = tracked
    this.#dataModel = tracked.dataModel
  }

  /** @param exists whether the record was there before, and with it records that are linked to it */
  data(model: Model, data: unknown, branch: Branch, exists: boolean): void {
    for (const one of objects(data)) {
      for (const [name, value] of Object.entries(one)) {
        const field = model.fields[name]
        if (field?.kind !== 'relation' || !isObject(value)) continue
        const far = this.#dataModel.models[field.type]
        if (!far) continue
        const grown = this.#grow(model, field, branch)
        for (const [operation, given] of Object.entries(value)) {
          if (given === undefined || given === false) continue
          this.#operation({ near: model, field, far, grown, exists }, operation, given)
        }
      }
    }
  }

  /** Keys that change take the foreign keys that refer to them along. */
  moves(model: Model, columns: ReadonlySet<string>, branch: Branch, depth: number): void {
    if (depth > DEEPEST_MOVE) return
    for (const field of Object.values(model.fields)) {
      if (field.kind !== 'relation' || field.from.length > 0) continue
      const far = this.#dataModel.models[field.type]
      const link = this.#tracked.link(model, field)
      const referred = link.kind === 'join' ? [link.nearKey] : link.pairs.map((pair) => pair.near)
      if (!far || !referred.some((column) => columns.has(column))) continue
      const grown = this.#grow(model, field, branch)
      grown.before = 'all'
      grown.acts = true
      if (link.kind === 'held') {
        this.moves(far, new Set(link.pairs.map((pair) => pair.far)), grown.branch, depth + 1)
      }
    }
  }

  #grow(model: Model, field: RelationField, branch: Branch): Grown {
    const present = branch.get(field.name)
    if (present) return present
    const grown: Grown = {
      field,
      link: this.#tracked.link(model, field),
      before: [],
      deletes: false,
      creates: false,
      acts: false,
      branch: new Map(),
    }
    branch.set(field.name, grown)
    return grown
  }

  #operation(at: Place, operation: string, given: unknown): void {
    const { far, field, grown, exists } = at
    const list = objects(given)
    const refersOnly = grown.link.kind === 'holds' && ['connect', 'disconnect'].includes(operation)
    // Naming another record by the own key changes nothing of that record.
    if (!refersOnly) grown.acts = true
    // At a single relation every operation concerns the one record that is linked, or puts another in its place.
    if (!field.isList && exists && !refersOnly) grown.before = 'all'
    switch (operation) {
      case 'create':
        grown.creates = true
        this.data(far, given, grown.branch, false)
        break
      case 'createMany':
        grown.creates = true
        break
      case 'connectOrCreate':
        grown.creates = true
        this.#connect(at, list.map(whereOf))
        for (const one of list) this.data(far, one.create, grown.branch, false)
        break
      case 'set':
        grown.before = 'all'
        this.#connect(at, list)
        break
      case 'connect':
        this.#connect(at, list)
        break
      case 'disconnect':
        look(far, grown, list)
        break
      case 'delete':
      case 'deleteMany':
        grown.deletes = true
        look(far, grown, list)
        break
      case 'update':
      case 'updateMany':
        look(far, grown, list.map(whereOf))
        for (const one of list) {
          this.#changes(at, one.data)
          // At a single relation the data may stand alone.
          if (!field.isList) this.#changes(at, one)
        }
        break
      case 'upsert':
        grown.creates = true
        look(far, grown, list.map(whereOf))
        for (const one of list) {
          this.data(far, one.create, grown.branch, false)
          this.#changes(at, one.update)
        }
    }
  }

  #changes({ near, field, far, grown }: Place, data: unknown): void {
    const written = writtenColumns(far, data)
    this.data(far, data, grown.branch, true)
    this.moves(far, written, grown.branch, 0)
    // The near record's key follows in the database, and its answer may hold the one from before.
    const { link } = grown
    if (link.kind !== 'holds' || !link.pairs.some((pair) => written.has(pair.far))) return
    const tables = [this.#tracked.table(near), this.#tracked.table(far)]
    const shown = tables.find((table) => this.#tracked.matters(table))
    if (shown?.model) {
      const because = `an update of the key that ${near.name}.${field.name} refers to, nested in it`
      this.unfollowed.push({ model: shown.model.name, because })
    }
  }

  #connect({ near, field, far, grown }: Place, wheres: readonly Values[]): void {
    const filters = wheres.map((where) => asFilter(far, where))
    // The far records' own keys change.
    if (grown.link.kind === 'held') {
      this.named.push(...filters.map((where) => ({ model: far, where, grown })))
      this.moves(far, new Set(grown.link.pairs.map((pair) => pair.far)), grown.branch, 0)
    }
    // The near record's key changes. Of a relation of one to one, the record that had the other loses it.
    if (grown.link.kind === 'holds' && !this.#isList(grown.link, field)) {
      this.named.push(
        ...filters.map((where) => ({ model: near, where: { [field.name]: { is: where } }, grown: null })),
      )
    }
  }

  /** Whether the other end of a relation lists records. */
  #isList({ near, far }: Link, field: RelationField): boolean {
    return Object.values(far.fields).some(
      (one) =>
        one.kind === 'relation' &&
        one.type === near.name &&
        one.relation === field.relation &&
        one.from.length === 0 &&
        one.isList,
    )
  }
}

interface Place {
  readonly near: Model
  readonly field: RelationField
  readonly far: Model
  readonly grown: Grown
  readonly exists: boolean
}

/** Adds conditions under which linked records are read before the write. */
function look(far: Model, grown: Grown, wheres: readonly Values[]): void {
  if (grown.before === 'all') return
  for (const where of wheres) {
    const filter = asFilter(far, where)
    if (Object.keys(filter).length === 0) {
      grown.before = 'all'
      return
    }
    grown.before.push(filter)
  }
}

/** Leaves out what no target shows, with the relations that lead nowhere else. */
function settled(tracked: Tracked, branch: Branch, all: Map<Grown, Touch>): readonly Touch[] {
  return [...branch.values()].flatMap((grown) => {
    const { field, link, before, creates } = grown
    const table = tracked.table(link.far)
    const touches = settled(tracked, grown.branch, all)
    const deletes = grown.deletes && tracked.takesAlong(link.far)
    const shown =
      tracked.matters(table) || (link.kind === 'join' && tracked.matters(tracked.joinTable(link.table)))
    if (!(grown.acts && shown) && touches.length === 0 && !deletes) return []
    const touch: Touch = { field, link, table, far: link.far, deletes, touches, before, creates }
    all.set(grown, touch)
    return [touch]
  })
}

function whereOf(given: Values): Values {
  return isObject(given.where) ? given.where : {}
}

function objects(given: unknown): Values[] {
  return [given].flat().filter(isObject)
}

function isObject(value: unknown): value is Values {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
