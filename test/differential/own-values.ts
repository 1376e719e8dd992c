import type { DataModel, EnumField, Model, ScalarField } from '../../src/model/data-model.ts'
import { type Catalog, valueFields } from './catalog.ts'
import type { Random } from './random.ts'
import { foreignKeys } from './relation-fields.ts'
import { randomValue } from './values.ts'

/** Part of a call's arguments. */
export type Data = Record<string, unknown>

/** Makes values for the fields of a record that are its own: no foreign key, and nothing that the database counts. */
export class OwnValues {
  readonly #random: Random
  readonly #dataModel: DataModel
  readonly #catalog: Catalog

  constructor(random: Random, dataModel: DataModel, catalog: Catalog) {
    this.#random = random
    this.#dataModel = dataModel
    this.#catalog = catalog
  }

  /** Values of a record to be made. */
  created(model: Model): Data {
    return this.#values(model, this.#fields(model), false)
  }

  /** New values of a few fields; now and then a part of the id, and now and then by Prisma's `set` or `increment`. */
  changed(model: Model): Data {
    const fields = this.#fields(model).filter(
      (field) => !model.primaryKey.includes(field.name) || this.#random.chance(0.1),
    )
    const values = this.#values(model, this.#random.some(fields, 3), true)
    for (const [name, value] of Object.entries(values)) {
      if (Array.isArray(value) || !this.#random.chance(0.1)) continue
      const counts = typeof value === 'number' && this.#random.chance(0.5)
      values[name] = counts ? { increment: this.#random.integer(0, 2) } : { set: value }
    }
    return values
  }

  /** A `where` on many records: by a field that may have few values, or none. */
  filter(model: Model): Data {
    const field = this.#random.pick(
      this.#fields(model).filter((one) => one.kind === 'enum' || one.type === 'Boolean'),
    )
    return field && !field.isList && this.#random.chance(0.7) ? this.#values(model, [field], true) : {}
  }

  /** A key that no record has: `known` with what is missing of it. Undefined where that cannot be made up. */
  unusedKey(model: Model, known: Data): Data | undefined {
    const key: Data = {}
    for (const name of model.primaryKey) {
      const field = model.fields[name]
      const counts = this.#catalog.get(model.name)?.get(name)?.counts
      const number = this.#random.integer(1_000_000, 2_000_000)
      if (known[name] != null) key[name] = known[name]
      else if (counts && field?.kind === 'scalar')
        key[name] = field.type === 'BigInt' ? BigInt(number) : number
      else return undefined
    }
    return key
  }

  #fields(model: Model): (ScalarField | EnumField)[] {
    const foreign = new Set(foreignKeys(model).flatMap((field) => field.from))
    return valueFields(model).filter((field): field is ScalarField | EnumField => {
      const facts = this.#catalog.get(model.name)?.get(field.name)
      return field.kind !== 'unsupported' && !foreign.has(field.name) && !facts?.counts && !facts?.generated
    })
  }

  #values(model: Model, fields: readonly (ScalarField | EnumField)[], all: boolean): Data {
    const data: Data = {}
    for (const field of fields) {
      const facts = this.#catalog.get(model.name)?.get(field.name)
      if (!facts) continue
      const needed = field.isRequired && !field.isList && !facts.hasDefault
      // Ids are always given: with the same seed they are the same.
      const isKey = model.primaryKey.includes(field.name)
      if (!all && !needed && !isKey && this.#random.chance(0.5)) continue
      data[field.name] = randomValue(this.#random, this.#dataModel, field, facts)
    }
    return data
  }
}
