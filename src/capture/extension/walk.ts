import type { DataModel, Model, RelationField } from '../../model/data-model.ts'
import type { Link } from '../shown/links.ts'
import {
  type Branch,
  cutsOff,
  type Deletion,
  type Ending,
  ends,
  farColumns,
  type Grown,
  intersect,
  nearColumns,
  type OnlyLink,
  type Placing,
  placing,
  type Rewrite,
  relinks,
  rewrites,
  type WrittenRecord,
} from './placings.ts'
import type { Tracked } from './tracked.ts'
import { isUsableWhere } from './usable-values.ts'
import {
  asFilter,
  isObject,
  objects,
  operationsIn,
  referredByValue,
  type Values,
  whereOf,
  writtenBeside,
  writtenColumns,
} from './written.ts'

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
  readonly #placings: OnlyLink[] = []
  readonly #endings: Ending[] = []
  readonly #deletions: Deletion[] = []
  readonly #relinkings: Placing[] = []
  readonly #rewrites: Rewrite[] = []
  /** Records that nested writes link. */
  readonly #linked: (NamedRecord & { readonly grown: Grown })[] = []
  /** Data of nested writes, whose foreign keys may be given by value. */
  readonly #given: { readonly data: Values; readonly branch: Branch }[] = []

  constructor(tracked: Tracked) {
    this.#tracked = tracked
    this.#dataModel = tracked.dataModel
  }

  /**
   * @param exists whether the record was there before, and with it records that are linked to it
   * @param under what is known of the record from the nested write that it is in
   */
  data(model: Model, data: unknown, branch: Branch, exists: boolean, under: Under = AT_ROOT): void {
    for (const one of objects(data)) {
      for (const [name, value] of Object.entries(one)) {
        const field = model.fields[name]
        if (field?.kind !== 'relation' || !isObject(value)) continue
        const far = this.#dataModel.models[field.type]
        if (!far) continue
        const grown = this.#grow(model, field, branch)
        const beside = () => new Set([...writtenBeside(model, one, field), ...under.columns])
        const shared = grown.link.kind === 'holds' && intersect(beside(), nearColumns(grown.link))
        const operations = operationsIn(value)
        if (operations.some(([operation]) => CHANGING.has(operation))) grown.reworked = true
        operations.forEach(([operation, given], at) => {
          const later = operations.slice(at + 1)
          const contested =
            shared || under.isDeleted || (field.isList ? endsLinks(later) : operations.length > 1)
          const isDeleted = under.isDeleted || later.some(([other]) => DELETING.has(other))
          const links = { contested, isDeleted, record: under.record, path: under.path, branch }
          this.#operation({ near: model, field, far, grown, exists, ...links }, operation, given)
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
      const relinked = this.#relinkings.some((one) => relinks(one, placing))
      const rewritten = this.#rewrites.some((one) => rewrites(one, placing))
      const ended = this.#endings.some((one) => ends(one, placing))
      const cutOff = this.#deletions.some((one) => cutsOff(one, placing))
      if (relinked || rewritten || ended || cutOff) placing.grown.unlinks = true
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

  #grow(model: Model, field: RelationField, branch: Branch): Grown {
    const present = branch.get(field.name)
    if (present) return present
    const grown: Grown = {
      field,
      link: this.#tracked.link(model, field),
      before: [],
      deletes: false,
      creates: false,
      reworked: false,
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
    // The foreign key of the record itself is one of its written columns.
    if (grown.link.kind !== 'holds' && (!field.isList || ENDING.has(operation)))
      this.#endings.push({ grown, near: at.record })
    switch (operation) {
      case 'create':
        this.#creates(at, list)
        break
      case 'createMany':
        // No foreign key but the relation's own is written twice: its rows have plain values alone.
        this.#creates(at, [])
        this.#gives(
          at,
          list.flatMap((one) => objects(one.data)),
        )
        break
      case 'connectOrCreate':
        this.#connect(at, list.map(whereOf))
        this.#creates(
          at,
          list.flatMap((one) => objects(one.create)),
        )
        if (grown.link.kind === 'holds' && isDeep(grown)) grown.unlinks = true
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
        this.#look(far, grown, list)
        break
      case 'delete':
      case 'deleteMany':
        grown.deletes = true
        this.#deletions.push({ grown, models: this.#tracked.deletedWith(far) })
        this.#look(far, grown, list)
        break
      case 'update':
      case 'updateMany':
        this.#look(far, grown, list.map(whereOf))
        for (const one of list) {
          const where = operation === 'update' ? namedBy(at, one) : null
          const record = { item: one, where, exists: true }
          this.#changes(at, one.data, record)
          // At a single relation the data may stand alone.
          if (!field.isList) this.#changes(at, one, record)
        }
        break
      case 'upsert':
        this.#look(far, grown, list.map(whereOf))
        for (const one of list) {
          const record = { item: one, where: namedBy(at, one), exists: true }
          this.#creates(at, objects(one.create), record)
          this.#changes(at, one.update, record)
        }
    }
  }

  /** @param given the record that an upsert may make, which is the one that it changes */
  #creates(at: Place, list: readonly Values[], given?: WrittenRecord): void {
    const { isDeleted } = at
    const { branch, link } = at.grown
    const path = [...at.path, at.grown]
    at.grown.creates = true
    // Of a relation of one to one, the record that had the other loses it.
    if (link.kind === 'holds' && !this.#isList(link, at.field)) this.#relinkings.push(placing(at.grown))
    this.#refers(at, list)
    const columns = link.kind === 'held' ? farColumns(link) : []
    this.#gives(at, list)
    for (const one of list) {
      const record = given ?? { item: one, where: null, exists: false }
      this.data(at.far, one, branch, false, { columns, isDeleted, record, path })
    }
    this.#places(
      at,
      list.some((one) => this.#writesLink(at, one)),
      given,
    )
  }

  #changes(at: Place, data: unknown, record: WrittenRecord): void {
    const { far, grown, isDeleted } = at
    const written = writtenColumns(far, data)
    this.#rewrites.push({ table: far.name, columns: written, record })
    this.#gives(at, objects(data))
    this.data(far, data, grown.branch, true, { columns: [], isDeleted, record, path: [...at.path, grown] })
    this.moves(far, written, grown.branch, 0)
    // Under the key that it had, the record is found without the relation.
    if (intersect(written, this.#tracked.table(far).key)) this.#places(at, this.#writesLink(at, data), record)
  }

  #connect(at: Place, wheres: readonly Values[]): void {
    const { near, field, far, grown } = at
    const { link } = grown
    const filters = wheres.map((where) => asFilter(far, where))
    for (const where of filters) this.#linked.push({ model: far, where, grown })
    this.#refers(at, filters)
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

  /** A foreign key that a record gets by one relation is that of another relation too, which shares its columns. */
  #refers({ field: { from, to }, branch }: Place, records: readonly Values[]): void {
    if (from.length === 0) return
    for (const record of records) {
      const data = Object.fromEntries(from.map((name, at) => [name, record[to[at] ?? '']]))
      this.#given.push({ data, branch })
    }
  }

  #gives({ grown: { branch } }: Place, list: readonly Values[]): void {
    for (const data of list) this.#given.push({ data, branch })
  }

  /** Adds conditions under which linked records are read before the write. */
  #look(far: Model, grown: Grown, wheres: readonly Values[]): void {
    if (grown.before === 'all') return
    for (const where of wheres) {
      const filter = asFilter(far, where)
      // What Postgres may refuse is not sent: all are read in its place.
      if (Object.keys(filter).length === 0 || !isUsableWhere(this.#dataModel, far, filter)) {
        grown.before = 'all'
        return
      }
      grown.before.push(filter)
    }
  }

  /** Records that can be found by the relation alone: they are new, or their key is. */
  #places({ grown, contested, record, path }: Place, writtenTwice: boolean, far?: WrittenRecord): void {
    if (contested || writtenTwice) grown.unlinks = true
    // The record whose row has the foreign key.
    const holder = grown.link.kind === 'holds' ? record : far
    this.#placings.push({ ...placing(grown), record: holder, near: record, path })
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
  /** Whether the far record may be deleted again by the same write. */
  readonly isDeleted: boolean
  /** The near record, as the nested write that it is in names it; none at the root. */
  readonly record: WrittenRecord | undefined
  /** The relations that lead to the near record, and those that go on from it. */
  readonly path: readonly Grown[]
  readonly branch: Branch
}

/** What is known of a record from the nested write that it is in. */
interface Under {
  /** Columns that the relation writes under which it is created. */
  readonly columns: readonly string[]
  /** Whether the record may be deleted again by the same write. */
  readonly isDeleted: boolean
  readonly record: WrittenRecord | undefined
  readonly path: readonly Grown[]
}

const AT_ROOT: Under = { columns: [], isDeleted: false, record: undefined, path: [] }

const DELETING: ReadonlySet<string> = new Set(['delete', 'deleteMany'])

/** Nested operations that change or delete records which are linked. */
const CHANGING: ReadonlySet<string> = new Set(['update', 'updateMany', 'upsert', ...DELETING])

/** Nested operations on a list that can take away what another one has linked. */
const ENDING: ReadonlySet<string> = new Set(['set', 'disconnect'])

function endsLinks(operations: readonly (readonly [operation: string, given: unknown])[]): boolean {
  return operations.some(([operation]) => ENDING.has(operation))
}

/** What names the record of an update. At a single relation it is the one that is linked, whatever else is asked of it. */
function namedBy({ field, far }: Place, given: Values): Values {
  return field.isList ? asFilter(far, whereOf(given)) : {}
}

/**
 * Whether nested writes of what a relation leads to have nested writes. Prisma 7.10 gives a record that is linked by such a
 * connectOrCreate the key of a record in them, where another connectOrCreate follows.
 */
function isDeep({ branch }: Grown): boolean {
  return [...branch.values()].some((further) => further.branch.size > 0)
}
