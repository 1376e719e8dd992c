import { linkOf } from '../../src/capture/shown/links.ts'
import type { DataModel, EnumField, Model, RelationField, ScalarField } from '../../src/model/data-model.ts'
import { type Catalog, valueFields } from './catalog.ts'
import type { Random } from './random.ts'
import { type Records, whereUnique } from './records.ts'
import { randomValue } from './values.ts'

type Data = Record<string, unknown>

/** Makes the `data` of writes: values, and writes nested in them. */
export class DataMaker {
  readonly #random: Random
  readonly #dataModel: DataModel
  readonly #catalog: Catalog
  readonly #records: Records

  constructor(random: Random, dataModel: DataModel, catalog: Catalog, records: Records) {
    this.#random = random
    this.#dataModel = dataModel
    this.#catalog = catalog
    this.#records = records
  }

  /**
   * Data of a record to be made, with its relations written or connected.
   * @param depth levels of writes that may be nested in it
   * @param from relation that leads back to the record it is made with, which Prisma fills
   * @returns null when it needs something that is not there
   */
  async create(model: Model, depth: number, from?: RelationField): Promise<Data | null> {
    const data = this.#values(model, this.#ownFields(model))
    for (const field of relations(model)) {
      if (from && isOpposite(field, from, model)) continue
      const needed = field.from.length > 0 && field.isRequired
      if (!needed && (depth <= 0 || !this.#random.chance(0.3))) continue
      const write = await this.#nestedCreate(model, field, depth)
      if (write !== null) data[field.name] = write
      else if (needed) return null
    }
    return data
  }

  /** Data with foreign keys by value and nothing nested, as createMany takes it. */
  async plain(model: Model, without: readonly string[] = []): Promise<Data | null> {
    const data = this.#values(model, this.#ownFields(model))
    for (const field of relations(model)) {
      if (field.from.length === 0 || field.from.some((name) => without.includes(name))) continue
      if (!field.isRequired && this.#random.chance(0.4)) continue
      const referred = await this.#referred(field)
      if (referred === null) {
        if (field.isRequired) return null
        continue
      }
      Object.assign(data, referred)
    }
    return data
  }

  /** Data of an update: a few values, and with some depth left, writes nested in it. */
  async update(model: Model, depth: number): Promise<Data> {
    const data = this.values(model)
    if (depth <= 0) return data
    for (const field of relations(model)) {
      if (!this.#random.chance(0.35)) continue
      const write = await this.#nestedUpdate(model, field, depth)
      if (write !== null) data[field.name] = write
    }
    return data
  }

  /** New values of a few fields; now and then a part of the id. */
  values(model: Model): Data {
    const fields = this.#ownFields(model).filter(
      (field) => !model.primaryKey.includes(field.name) || this.#random.chance(0.1),
    )
    return this.#values(model, this.#random.some(fields, 3), true)
  }

  /** The fields that a `where` may compare, with a value each. */
  filter(model: Model): Data {
    const field = this.#random.pick(
      this.#ownFields(model).filter((one) => one.kind === 'enum' || one.type === 'Boolean'),
    )
    return field && !field.isList && this.#random.chance(0.7) ? this.#values(model, [field], true) : {}
  }

  async #nestedCreate(model: Model, field: RelationField, depth: number): Promise<Data | null> {
    const related = this.#dataModel.models[field.type] as Model
    const make = async () => this.create(related, depth - 1, field)
    const existing = async () => {
      const key = await this.#records.one(related)
      return key === undefined ? null : whereUnique(related, key)
    }
    const kind = this.#random.weighted([
      [depth > 0 ? 3 : 0, 'create'],
      [4, 'connect'],
      [depth > 0 ? 1 : 0, 'connectOrCreate'],
      [depth > 0 && field.isList && !this.#isJoin(model, field) ? 1 : 0, 'createMany'],
    ])
    if (kind === 'connect') return wrapped('connect', await existing())
    if (kind === 'createMany') return this.#nestedCreateMany(model, field)
    const created = await make()
    if (created === null) return wrapped('connect', await existing())
    if (kind === 'create') return { create: field.isList && this.#random.chance(0.5) ? [created] : created }
    const where = (await existing()) ?? null
    return where === null ? { create: created } : { connectOrCreate: { where, create: created } }
  }

  async #nestedCreateMany(model: Model, field: RelationField): Promise<Data | null> {
    const related = this.#dataModel.models[field.type] as Model
    const link = linkOf(this.#dataModel, model, field)
    if (link.kind !== 'held') return null
    const keys = relations(related).find((one) => isOpposite(one, field, related))?.from ?? []
    const rows = []
    for (let at = this.#random.integer(1, 3); at > 0; at--) {
      const row = await this.plain(related, keys)
      if (row !== null) rows.push(row)
    }
    return rows.length > 0 ? { createMany: { data: rows, skipDuplicates: this.#random.chance(0.5) } } : null
  }

  async #nestedUpdate(model: Model, field: RelationField, depth: number): Promise<Data | null> {
    const related = this.#dataModel.models[field.type] as Model
    const join = this.#isJoin(model, field)
    const mayUnlink = join || this.#linkIsOptional(field, related, model)
    const kind = this.#random.weighted<string>([
      [3, 'make'],
      [mayUnlink ? 2 : 0, 'disconnect'],
      [3, 'update'],
      [1, 'upsert'],
      [field.isList || mayUnlink ? 1 : 0, 'delete'],
      [field.isList && mayUnlink ? 1 : 0, 'set'],
      [field.isList ? 1 : 0, 'updateMany'],
      [field.isList ? 1 : 0, 'deleteMany'],
    ])
    if (kind === 'make') return this.#nestedCreate(model, field, depth)
    if (kind === 'updateMany')
      return { updateMany: { where: this.filter(related), data: this.values(related) } }
    if (kind === 'deleteMany') return { deleteMany: this.filter(related) }
    if (kind === 'set') {
      const keys = await this.#records.some(related, 2)
      return { set: keys.map((key) => whereUnique(related, key)) }
    }
    const key = await this.#records.one(related)
    if (key === undefined) return null
    const where = whereUnique(related, key)
    if (kind === 'update') {
      const data = await this.update(related, depth - 1)
      return { update: field.isList ? { where, data } : data }
    }
    if (kind === 'upsert') {
      const create = await this.create(related, depth - 1, field)
      const update = await this.update(related, depth - 1)
      if (create === null) return null
      return { upsert: field.isList ? { where, create, update } : { create, update } }
    }
    return { [kind]: field.isList ? [where] : true }
  }

  async #referred(field: RelationField): Promise<Data | null> {
    const related = this.#dataModel.models[field.type] as Model
    // A relation to a unique that is not the id would need its values: left out.
    if (field.to.join() !== related.primaryKey.join()) return null
    const key = await this.#records.one(related)
    if (key === undefined) return null
    return Object.fromEntries(field.from.map((name, at) => [name, key[field.to[at] as string]]))
  }

  /** Fields with a value of their own that Prisma takes beside nested writes: no foreign key, no counter. */
  #ownFields(model: Model): (ScalarField | EnumField)[] {
    const foreign = new Set(relations(model).flatMap((field) => field.from))
    return valueFields(model).filter(
      (field): field is ScalarField | EnumField =>
        field.kind !== 'unsupported' &&
        !foreign.has(field.name) &&
        !this.#catalog.get(model.name)?.get(field.name)?.counts &&
        !this.#catalog.get(model.name)?.get(field.name)?.generated,
    )
  }

  #values(model: Model, fields: readonly (ScalarField | EnumField)[], all = false): Data {
    const data: Data = {}
    for (const field of fields) {
      const facts = this.#catalog.get(model.name)?.get(field.name)
      if (!facts) continue
      const isKey = model.primaryKey.includes(field.name)
      const needed = field.isRequired && !field.isList && !facts.hasDefault
      // Ids are always given: with the same seed they are the same.
      if (!all && !needed && !isKey && this.#random.chance(0.5)) continue
      data[field.name] = randomValue(this.#random, this.#dataModel, field, facts)
    }
    return data
  }

  #isJoin(model: Model, field: RelationField): boolean {
    return linkOf(this.#dataModel, model, field).kind === 'join'
  }

  #linkIsOptional(field: RelationField, related: Model, model: Model): boolean {
    if (field.from.length > 0) return !field.isRequired
    const opposite = relations(related).find((one) => isOpposite(one, field, related))
    return opposite ? !opposite.isRequired && opposite.type === model.name : false
  }
}

/** Relation fields of a model. */
export function relations(model: Model): RelationField[] {
  return Object.values(model.fields).filter((field): field is RelationField => field.kind === 'relation')
}

/** Whether a field of `model` is the other end of `field`. */
function isOpposite(one: RelationField, field: RelationField, model: Model): boolean {
  if (one.relation !== field.relation || field.type !== model.name) return false
  // Of a model's relation with itself both ends are here; they differ in who holds the key, or by their names.
  return one.from.length > 0 !== field.from.length > 0 || one.name !== field.name
}

function wrapped(name: string, value: Data | null): Data | null {
  return value === null ? null : { [name]: value }
}
