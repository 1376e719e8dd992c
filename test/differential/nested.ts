import { linkOf } from '../../src/capture/shown/links.ts'
import type { DataModel, Model, RelationField } from '../../src/model/data-model.ts'
import type { Catalog } from './catalog.ts'
import { type Chosen, ForeignKeys } from './foreign-keys.ts'
import { NestedChanges } from './nested-changes.ts'
import { type Data, OwnValues } from './own-values.ts'
import type { Random } from './random.ts'
import type { Made, RecordData, Under } from './record-data.ts'
import { type Known, type Records, whereUnique } from './records.ts'
import { foreignKeys, oppositeOf, relations, sharing } from './relation-fields.ts'

/** Makes the `data` of writes: values, foreign keys by value or by relation, and writes nested in them. */
export class DataMaker implements RecordData {
  readonly own: OwnValues
  readonly #random: Random
  readonly #dataModel: DataModel
  readonly #records: Records
  readonly #foreignKeys: ForeignKeys
  readonly #changes: NestedChanges

  constructor(random: Random, dataModel: DataModel, catalog: Catalog, records: Records) {
    this.own = new OwnValues(random, dataModel, catalog)
    this.#random = random
    this.#dataModel = dataModel
    this.#records = records
    this.#foreignKeys = new ForeignKeys(random, dataModel, records)
    this.#changes = new NestedChanges(random, dataModel, records, this)
  }

  async create(model: Model, depth: number, under = NOTHING, byValue = this.byValue()): Promise<Made | null> {
    const own = this.own.created(model)
    const holds = foreignKeys(model).filter((field) => field !== under.back)
    const chosen = await this.#foreignKeys.choose(model, holds, { ...own, ...under.values })
    if (chosen === null && (byValue || depth <= 0)) return null
    const data = { ...own }
    const known: Data = { ...own, ...under.values, ...chosen?.values }
    if (byValue) Object.assign(data, without(chosen?.values ?? {}, under.back?.from ?? []))
    else {
      for (const field of holds) {
        const write = await this.#referring(model, field, depth, chosen)
        if (write === null) return null
        if (write === undefined) continue
        data[field.name] = write
        if (!('connect' in write)) for (const name of field.from) known[name] = undefined
      }
    }
    for (const field of relations(model)) {
      if (field.from.length > 0 || field === under.back) continue
      if (depth <= 0 || !this.#random.chance(0.3)) continue
      const write = await this.additions(model, field, depth, known)
      if (write !== null) data[field.name] = write
    }
    return { data, known }
  }

  /** Data with foreign keys by value and nothing nested, as createMany takes it. */
  async plain(model: Model, under = NOTHING): Promise<Data | null> {
    const own = this.own.created(model)
    const holds = foreignKeys(model).filter((field) => field !== under.back)
    const chosen = await this.#foreignKeys.choose(model, holds, { ...own, ...under.values })
    return chosen && { ...own, ...without(chosen.values, under.back?.from ?? []) }
  }

  async update(
    model: Model,
    depth: number,
    self?: Known,
    under = NOTHING,
    byValue = this.byValue(),
  ): Promise<Data> {
    const data = this.own.changed(model)
    if (byValue) Object.assign(data, await this.foreignKeys(model, self, under))
    for (const field of relations(model)) {
      const holds = field.from.length > 0
      if (field === under.back || field.name in data || (holds && byValue)) continue
      if (depth <= 0 || !this.#random.chance(0.35)) continue
      const writes = await this.#changes.of(model, field, depth, self)
      Object.assign(data, holds && this.#random.chance(0.3) ? await this.#moved(model, field, self) : writes)
    }
    return data
  }

  async foreignKeys(model: Model, self?: Known, under = NOTHING): Promise<Data> {
    const filled = under.back?.from ?? []
    const free = foreignKeys(model).filter((field) =>
      sharing(model, field).every((one) => !one.from.some((name) => filled.includes(name))),
    )
    const field = this.#random.pick(free)
    if (!field || !this.#random.chance(0.7)) return {}
    return { ...(await this.#foreignKeys.choose(model, sharing(model, field), {}, self))?.values }
  }

  async additions(model: Model, field: RelationField, depth: number, near?: Known): Promise<Data | null> {
    const related = this.#dataModel.models[field.type] as Model
    if (!field.isList) return this.#addition(related, field, depth, this.under(model, field, near))
    const rows = linkOf(this.#dataModel, model, field).kind === 'join' ? 0 : 1
    const writes: Data = {}
    for (let times = this.#random.chance(0.3) ? 2 : 1; times > 0; times--) {
      const under = this.under(model, field, near)
      if (this.#random.chance(rows * 0.15)) Object.assign(writes, await this.#createMany(related, under))
      else Object.assign(writes, await this.#addition(related, field, depth, under))
    }
    return Object.keys(writes).length > 0 ? writes : null
  }

  byValue(): boolean {
    return this.#random.chance(0.4)
  }

  under(model: Model, field: RelationField, near?: Known): Under {
    const back = oppositeOf(this.#dataModel, model, field)
    const values = (back?.from ?? []).map((name, at) => [name, near?.[back?.to[at] as string]] as const)
    return { back, values: Object.fromEntries(values.filter(([, value]) => value != null)) }
  }

  async #addition(related: Model, field: RelationField, depth: number, under: Under): Promise<Data | null> {
    const kind = this.#random.weighted([
      [depth > 0 ? 3 : 0, 'create'],
      [3, 'connect'],
      [depth > 0 ? 1 : 0, 'connectOrCreate'],
    ])
    const byValue = this.byValue()
    const items: unknown[] = []
    for (let left = field.isList ? this.#random.integer(1, 2) : 1; left > 0; left--) {
      const existing = await this.#records.one(related)
      const where = existing && whereUnique(this.#random, related, existing)
      const made = kind === 'connect' ? null : await this.create(related, depth - 1, under, byValue)
      if (kind === 'connect') items.push(...(where ? [where] : []))
      else if (made && kind === 'create') items.push(made.data)
      else if (made) items.push({ where: this.#where(related, made, existing), create: made.data })
    }
    const [item] = items
    if (item === undefined) return null
    return { [kind]: items.length === 1 && this.#random.chance(0.5) ? item : field.isList ? items : item }
  }

  /** Of a record that is there, or of the one that would be made. */
  #where(model: Model, { known }: Made, existing: Known | undefined): Data {
    const key = this.own.unusedKey(model, known)
    const record = existing && (!key || this.#random.chance(0.5)) ? existing : (key ?? known)
    return whereUnique(this.#random, model, record)
  }

  async #createMany(related: Model, under: Under): Promise<Data> {
    const rows: Data[] = []
    for (let left = this.#random.integer(1, 3); left > 0; left--) {
      const row = await this.plain(related, under)
      if (row !== null) rows.push(row)
    }
    return rows.length > 0 ? { createMany: { data: rows, skipDuplicates: this.#random.chance(0.5) } } : {}
  }

  /** How a new record comes to refer to another one: undefined where it does not, null where it cannot. */
  async #referring(
    model: Model,
    field: RelationField,
    depth: number,
    chosen: Chosen | null,
  ): Promise<Data | null | undefined> {
    const related = this.#dataModel.models[field.type] as Model
    const record = chosen?.referred.get(field)
    // Two relations that share a column agree on a record that is made only by luck.
    const makes = this.#random.chance(sharing(model, field).length > 1 ? 0.1 : 0.5)
    if (depth > 0 && (makes || record === undefined)) {
      const made = await this.create(related, depth - 1, this.under(model, field))
      if (made && this.#random.chance(0.8)) return { create: made.data }
      if (made && record) {
        return { connectOrCreate: { where: this.#where(related, made, record), create: made.data } }
      }
    }
    if (record) return { connect: whereUnique(this.#random, related, record) }
    return field.isRequired ? null : undefined
  }

  /** Relations that share columns, all connected to records that fit together. */
  async #moved(model: Model, field: RelationField, self?: Known): Promise<Data> {
    const fields = sharing(model, field)
    const chosen = await this.#foreignKeys.choose(model, fields, {}, self)
    const writes: Data = {}
    for (const [one, record] of chosen?.referred ?? []) {
      const related = this.#dataModel.models[one.type] as Model
      if (record) writes[one.name] = { connect: whereUnique(this.#random, related, record) }
      else if (!one.isRequired) writes[one.name] = { disconnect: true }
    }
    return writes
  }
}

const NOTHING: Under = { back: null, values: {} }

function without(values: Known, names: readonly string[]): Data {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.includes(name)))
}
