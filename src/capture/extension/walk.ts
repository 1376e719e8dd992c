import type { DataModel, Model, RelationField } from '../../model/data-model.ts'
import type { KeyLink, Link } from '../shown/links.ts'
import type { Tracked } from './tracked.ts'
import {
  asFilter,
  isObject,
  objects,
  operationsIn,
  type Values,
  whereOf,
  writtenBeside,
  writtenColumns,
} from './written.ts'

/** A relation that nested writes go through, as the walk has found it so far. */
export interface Grown {
  readonly field: RelationField
  readonly link: Link
  before: 'all' | Values[]
  deletes: boolean
  creates: boolean
  /** Whether anything happens to the far records, or to the table that links them. */
  acts: boolean
  /** Whether the relation may not lead to the records that were created, or got another key, under it. */
  unlinks: boolean
  readonly branch: Branch
}

/** The relations of a model that nested writes go through, by field. */
export type Branch = Map<string, Grown>

/** A record that the arguments name, with the relation by which it will be linked. */
export interface NamedRecord {
  readonly model: Model
  readonly where: Values
  readonly grown: Grown | null
}

/** A key that refers to a key that refers to a key: deeper than this the schema is a circle. */
const DEEPEST_MOVE = 16

/**
 * Goes through the data of a write and notes, for every relation that it goes through, what may happen to the
 * records at the far end.
 */
export class Walk {
  readonly named: NamedRecord[] = []
  readonly #tracked: Tracked
  readonly #dataModel: DataModel
  readonly #placings: Placing[] = []
  readonly #relinkings: Placing[] = []

  constructor(tracked: Tracked) {
    this.#tracked = tracked
    this.#dataModel = tracked.dataModel
  }

  /**
   * @param exists whether the record was there before, and with it records that are linked to it
   * @param by columns that are written by the relation under which the record is created
   */
  data(model: Model, data: unknown, branch: Branch, exists: boolean, by: readonly string[] = []): void {
    for (const one of objects(data)) {
      for (const [name, value] of Object.entries(one)) {
        const field = model.fields[name]
        if (field?.kind !== 'relation' || !isObject(value)) continue
        const far = this.#dataModel.models[field.type]
        if (!far) continue
        const grown = this.#grow(model, field, branch)
        const beside = () => new Set([...writtenBeside(model, one, field), ...by])
        const shared = grown.link.kind === 'holds' && intersect(beside(), nearColumns(grown.link))
        const operations = operationsIn(value)
        const reworked = operations.some(([operation]) => CHANGING.has(operation))
        operations.forEach(([operation, given], at) => {
          const contested =
            shared || (field.isList ? endsLinks(operations.slice(at + 1)) : operations.length > 1)
          this.#operation({ near: model, field, far, grown, exists, contested, reworked }, operation, given)
        })
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
      const referred = link.kind === 'join' ? [link.nearKey] : nearColumns(link)
      if (!far || !intersect(columns, referred)) continue
      const grown = this.#grow(model, field, branch)
      grown.before = 'all'
      grown.acts = true
      if (link.kind === 'held') this.moves(far, new Set(farColumns(link)), grown.branch, depth + 1)
    }
  }

  /**
   * Compares the nested writes with each other, once all are known: a record that one links, another one can link
   * elsewhere. Which of them it names is not looked at.
   */
  settle(): void {
    for (const placing of this.#placings) {
      const relinked = this.#relinkings.some(
        (one) =>
          one.grown !== placing.grown &&
          one.table === placing.table &&
          intersect(new Set(one.columns), placing.columns),
      )
      if (relinked) placing.grown.unlinks = true
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
      unlinks: false,
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
        this.#creates(at, list)
        break
      case 'createMany':
        // No foreign key but the relation's own is written twice: its rows have plain values alone.
        this.#creates(at, [])
        break
      case 'connectOrCreate':
        this.#connect(at, list.map(whereOf))
        this.#creates(
          at,
          list.flatMap((one) => objects(one.create)),
        )
        break
      case 'set':
        grown.before = 'all'
        this.#relinkings.push(placing(grown))
        this.#connect(at, list)
        break
      case 'connect':
        this.#connect(at, list)
        break
      case 'disconnect':
        this.#relinkings.push(placing(grown))
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
        look(far, grown, list.map(whereOf))
        this.#creates(
          at,
          list.flatMap((one) => objects(one.create)),
        )
        for (const one of list) this.#changes(at, one.update)
    }
  }

  #creates(at: Place, list: readonly Values[]): void {
    const { branch, link } = at.grown
    at.grown.creates = true
    const by = link.kind === 'held' ? farColumns(link) : []
    for (const one of list) this.data(at.far, one, branch, false, by)
    this.#places(
      at,
      list.some((one) => this.#writesLink(at, one)),
    )
  }

  #changes(at: Place, data: unknown): void {
    const { far, grown } = at
    const written = writtenColumns(far, data)
    this.data(far, data, grown.branch, true)
    this.moves(far, written, grown.branch, 0)
    // Under the key that it had, the record is found without the relation.
    if (intersect(written, this.#tracked.table(far).key)) this.#places(at, this.#writesLink(at, data))
  }

  #connect(at: Place, wheres: readonly Values[]): void {
    const { near, field, far, grown } = at
    const { link } = grown
    const filters = wheres.map((where) => asFilter(far, where))
    if (link.kind === 'held' || at.reworked)
      this.named.push(...filters.map((where) => ({ model: far, where, grown })))
    // The far records' own keys change.
    if (link.kind === 'held') {
      this.#relinkings.push(placing(grown))
      this.moves(far, new Set(farColumns(link)), grown.branch, 0)
      if (intersect(new Set(farColumns(link)), this.#tracked.table(far).key)) this.#places(at, false)
    }
    // The near record's key changes. Of a relation of one to one, the record that had the other loses it.
    if (link.kind === 'holds' && !this.#isList(link, field)) {
      this.named.push(
        ...filters.map((where) => ({ model: near, where: { [field.name]: { is: where } }, grown: null })),
      )
    }
  }

  /** Records that can be found by the relation alone: they are new, or their key is. */
  #places({ grown, contested }: Place, writtenTwice: boolean): void {
    if (contested || writtenTwice) grown.unlinks = true
    this.#placings.push(placing(grown))
  }

  /** Whether data of a far record writes the foreign key by which the relation leads to it. */
  #writesLink({ far, grown: { link } }: Place, data: unknown): boolean {
    return link.kind === 'held' && intersect(writtenColumns(far, data), farColumns(link))
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
  /** Whether something else in the same data writes the foreign key too, or ends the link. */
  readonly contested: boolean
  /** Whether the same data changes or deletes linked records, and with them those that it links. */
  readonly reworked: boolean
}

/** Nested operations that change or delete records which are linked. */
const CHANGING: ReadonlySet<string> = new Set(['update', 'updateMany', 'upsert', 'delete', 'deleteMany'])

/** Columns that link records, in the table that holds them. */
interface Placing {
  readonly grown: Grown
  readonly table: string
  readonly columns: readonly string[]
}

function placing(grown: Grown): Placing {
  const { link } = grown
  if (link.kind === 'join') return { grown, table: `join ${link.table.relation}`, columns: ['A', 'B'] }
  const holder = link.kind === 'holds' ? link.near : link.far
  return { grown, table: holder.name, columns: link.kind === 'holds' ? nearColumns(link) : farColumns(link) }
}

function nearColumns(link: KeyLink): string[] {
  return link.pairs.map((pair) => pair.near)
}

function farColumns(link: KeyLink): string[] {
  return link.pairs.map((pair) => pair.far)
}

/** Whether one of the operations can take away what an earlier one has linked. */
function endsLinks(operations: readonly (readonly [operation: string, given: unknown])[]): boolean {
  return operations.some(([operation]) => operation === 'set' || operation === 'disconnect')
}

function intersect(written: ReadonlySet<string>, columns: readonly string[]): boolean {
  return columns.some((column) => written.has(column))
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
