import type { DataModel, Model, RelationField } from '../../model/data-model.ts'
import type { Link } from '../shown/links.ts'
import { CROSSING, fieldsApart, GivenKeys } from './crossed.ts'
import { type Branch, farColumns, type Grown, grow, intersect, nearColumns } from './grown.ts'
import { LinkedRecords } from './linked-records.ts'
import { mayMisplaceKey } from './misplaced-keys.ts'
import { AT_ROOT, CHANGING, DELETING, ENDING, endsLinks, namedBy, type Place, type Under } from './place.ts'
import { Placings } from './placings.ts'
import type { Tracked } from './tracked.ts'
import { isUsableWhere } from './usable-values.ts'
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
import type { WrittenRecord } from './written-record.ts'

/** A key that refers to a key that refers to a key: deeper than this the schema is a circle. */
const DEEPEST_MOVE = 16

/**
 * Goes through the data of a write and notes, for every relation that it goes through, what may happen to the
 * records at the far end.
 */
export class Walk {
  readonly linked = new LinkedRecords()
  readonly placings = new Placings()
  readonly keys = new GivenKeys()
  readonly #tracked: Tracked
  readonly #dataModel: DataModel

  constructor(tracked: Tracked) {
    this.#tracked = tracked
    this.#dataModel = tracked.dataModel
  }

  /**
   * @param exists whether the record was there before, and with it records that are linked to it
   * @param under what is known of the record from the nested write that it is in
   */
  data(model: Model, data: unknown, branch: Branch, exists: boolean, under: Under = AT_ROOT): void {
    this.keys.give(model, objects(data), exists)
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
      if (link.kind !== 'held') continue
      this.keys.move(far, farColumns(link))
      this.moves(far, new Set(farColumns(link)), grown.branch, depth + 1)
    }
  }

  #grow(model: Model, field: RelationField, branch: Branch): Grown {
    return grow(branch, field, () => this.#tracked.link(model, field))
  }

  #operation(at: Place, operation: string, given: unknown): void {
    const { far, field, grown, exists } = at
    const list = objects(given)
    const refersOnly = grown.link.kind === 'holds' && ['connect', 'disconnect'].includes(operation)
    // Naming another record by the own key changes nothing of that record.
    if (!refersOnly) grown.acts = true
    if (field.isList && CROSSING.has(operation) && fieldsApart(grown.link).length > 0) grown.crosses = true
    // At a single relation every operation concerns the one record that is linked, or puts another in its place.
    if (!field.isList && exists && !refersOnly) grown.before = 'all'
    // The foreign key of the record itself is one of its written columns.
    if (grown.link.kind !== 'holds' && (!field.isList || ENDING.has(operation)))
      this.placings.ends(grown, at.record)
    switch (operation) {
      case 'create':
        this.#creates(at, list)
        break
      case 'createMany':
        // No foreign key but the relation's own is written twice: its rows have plain values alone.
        this.#creates(at, [])
        for (const { data } of list) {
          this.linked.give(objects(data), grown.branch)
          this.keys.give(far, objects(data), false)
        }
        break
      case 'connectOrCreate':
        this.#connect(at, list.map(whereOf))
        this.#creates(
          at,
          list.flatMap((one) => objects(one.create)),
        )
        if (grown.link.kind === 'holds' && list.some((one) => mayMisplaceKey(this.#dataModel, far, one)))
          grown.unlinks = true
        break
      case 'set':
        grown.before = 'all'
        this.placings.relinks(grown)
        this.#connect(at, list)
        break
      case 'connect':
        this.#connect(at, list)
        break
      case 'disconnect':
        this.placings.relinks(grown)
        this.#look(far, grown, list)
        break
      case 'delete':
      case 'deleteMany':
        grown.deletes = true
        this.placings.deletes(grown, this.#tracked.deletedWith(far))
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
    if (link.kind === 'holds' && !this.#isList(link, at.field)) this.placings.relinks(at.grown)
    this.linked.refer(at.field, list, at.branch)
    const columns = link.kind === 'held' ? farColumns(link) : []
    this.linked.give(list, branch)
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
    this.placings.rewrites(far.name, written, record)
    this.linked.give(objects(data), grown.branch)
    this.data(far, data, grown.branch, true, { columns: [], isDeleted, record, path: [...at.path, grown] })
    this.moves(far, written, grown.branch, 0)
    // Under the key that it had, the record is found without the relation.
    if (!intersect(written, this.#tracked.table(far).key)) return
    const others = grown.crosses && record.where === null
    this.#places(at, others || this.#writesLink(at, data), record)
  }

  #connect(at: Place, wheres: readonly Values[]): void {
    const { near, field, far, grown } = at
    const { link } = grown
    const filters = wheres.map((where) => asFilter(far, where))
    for (const where of filters) this.linked.link(far, where, grown)
    this.linked.refer(field, filters, at.branch)
    // The far records' own keys change.
    if (link.kind === 'held') {
      this.placings.relinks(grown)
      this.moves(far, new Set(farColumns(link)), grown.branch, 0)
      if (intersect(new Set(farColumns(link)), this.#tracked.table(far).key)) this.#places(at, false)
    }
    // The near record's key changes. Of a relation of one to one, the record that had the other loses it.
    if (link.kind === 'holds' && !this.#isList(link, field)) {
      this.linked.named.push(
        ...filters.map((where) => ({ model: near, where: { [field.name]: { is: where } }, grown: null })),
      )
    }
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
    const holder = grown.link.kind === 'holds' ? record : far
    this.placings.add({ grown, holder, near: record, path })
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
