import { linkOf } from '../../src/capture/shown/links.ts'
import type { DataModel, Model, RelationField } from '../../src/model/data-model.ts'
import type { Data } from './own-values.ts'
import type { Random } from './random.ts'
import type { RecordData } from './record-data.ts'
import { type Known, type Records, whereAny, whereUnique } from './records.ts'
import { oppositeOf } from './relation-fields.ts'

/** A relation, from a record that is there. */
interface Place {
  readonly model: Model
  readonly field: RelationField
  readonly related: Model
  readonly depth: number
  readonly near: Known | undefined
  /** The records that it leads to, those that some operation may name. */
  readonly linked: readonly Known[]
}

type Kind = 'add' | 'disconnect' | 'update' | 'upsert' | 'delete' | 'set' | 'updateMany' | 'deleteMany'

/** Makes the writes that are nested in an update: one operation on a relation, or several. */
export class NestedChanges {
  readonly #random: Random
  readonly #dataModel: DataModel
  readonly #records: Records
  readonly #data: RecordData

  constructor(random: Random, dataModel: DataModel, records: Records, data: RecordData) {
    this.#random = random
    this.#dataModel = dataModel
    this.#records = records
    this.#data = data
  }

  /** @returns the relation with its operations; nothing when they need what is not there */
  async of(model: Model, field: RelationField, depth: number, near?: Known): Promise<Data> {
    const related = this.#dataModel.models[field.type] as Model
    const found = near === undefined ? [] : await this.#records.linked(model, field, near)
    // Now and then a record that is not linked, which Prisma refuses or passes over.
    const linked = found.length > 0 && this.#random.chance(0.95) ? found : await this.#records.all(related)
    const place = { model, field, related, depth, near, linked }
    const several = field.isList ? this.#random.integer(1, 3) : this.#random.chance(0.15) ? 2 : 1
    const writes: Data = {}
    for (let left = several; left > 0; left--) {
      Object.assign(writes, await this.#one(place, found.length > 0))
    }
    return Object.keys(writes).length > 0 ? { [field.name]: writes } : {}
  }

  async #one(place: Place, isLinked: boolean): Promise<Data> {
    const { model, field, related, depth, near } = place
    const mayUnlink = this.#mayUnlink(model, field)
    const some = isLinked ? 3 : 0
    const kind = this.#random.weighted<Kind>([
      [3, 'add'],
      [mayUnlink && isLinked ? 2 : 0, 'disconnect'],
      [some, 'update'],
      [2, 'upsert'],
      [isLinked && (field.isList || field.from.length === 0 || !field.isRequired) ? 1 : 0, 'delete'],
      [field.isList && mayUnlink ? 1 : 0, 'set'],
      [field.isList ? 1 : 0, 'updateMany'],
      [field.isList ? 1 : 0, 'deleteMany'],
    ])
    switch (kind) {
      case 'add':
        return (await this.#data.additions(model, field, depth, near)) ?? {}
      case 'updateMany':
        return { updateMany: await this.#updateMany(place) }
      case 'deleteMany':
        return { deleteMany: this.#random.chance(0.5) ? this.#data.own.filter(related) : this.#any(place) }
      case 'set':
        return { set: (await this.#records.some(related, 2)).map((record) => this.#where(related, record)) }
      case 'update':
        return this.#each(place, 'update', (record, byValue) => this.#update(place, record, byValue))
      case 'upsert':
        return this.#each(place, 'upsert', (record, byValue) => this.#upsert(place, record, byValue))
      default: {
        const where = async (record: Known) => (field.isList ? this.#where(related, record) : true)
        return this.#each(place, kind, where)
      }
    }
  }

  /** One operation, or at a list now and then the same one for two records. */
  async #each(
    place: Place,
    kind: Kind,
    make: (record: Known, byValue: boolean) => Promise<unknown>,
  ): Promise<Data> {
    const { field, linked } = place
    const records = this.#random.shuffled(linked).slice(0, field.isList && this.#random.chance(0.3) ? 2 : 1)
    const byValue = this.#data.byValue()
    const items: unknown[] = []
    for (const record of records) {
      const item = await make(record, byValue)
      if (item !== null) items.push(item)
    }
    const [item] = items
    if (item === undefined) return {}
    return { [kind]: field.isList && (items.length > 1 || this.#random.chance(0.5)) ? items : item }
  }

  async #update(
    { model, field, related, depth, near }: Place,
    record: Known,
    byValue: boolean,
  ): Promise<Data> {
    const under = this.#data.under(model, field, near)
    const data = await this.#data.update(related, depth - 1, record, under, byValue)
    if (field.isList) return { where: this.#where(related, record), data }
    return this.#random.chance(0.2) ? { where: this.#data.own.filter(related), data } : data
  }

  async #upsert(
    { model, field, related, depth, near }: Place,
    record: Known,
    byValue: boolean,
  ): Promise<Data | null> {
    const under = this.#data.under(model, field, near)
    const made = await this.#data.create(related, depth - 1, under, byValue)
    if (made === null) return null
    const update = await this.#data.update(related, depth - 1, record, under, byValue)
    const writes = { create: made.data, update }
    if (!field.isList) return writes
    const key = this.#data.own.unusedKey(related, made.known)
    return { where: this.#where(related, key && this.#random.chance(0.5) ? key : record), ...writes }
  }

  async #updateMany({ model, field, related, near, linked }: Place): Promise<Data> {
    const { own } = this.#data
    const where =
      this.#random.chance(0.5) || linked.length === 0
        ? own.filter(related)
        : whereAny(related, [linked[0] as Known])
    const keys = this.#random.chance(0.3)
      ? await this.#data.foreignKeys(related, undefined, this.#data.under(model, field, near))
      : {}
    return { where, data: { ...own.changed(related), ...keys } }
  }

  #any({ related, linked }: Place): Data {
    return whereAny(related, this.#random.some(linked, 2))
  }

  #where(model: Model, record: Known): Data {
    return whereUnique(this.#random, model, record)
  }

  #mayUnlink(model: Model, field: RelationField): boolean {
    if (linkOf(this.#dataModel, model, field).kind === 'join') return true
    const holds = field.from.length > 0 ? field : oppositeOf(this.#dataModel, model, field)
    return holds !== null && !holds.isRequired
  }
}
