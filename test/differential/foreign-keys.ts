import type { DataModel, Model, RelationField } from '../../src/model/data-model.ts'
import type { Random } from './random.ts'
import type { Known, Records } from './records.ts'

/** How often other records are tried, where those that were chosen do not fit together. */
const TRIES = 5

/** Records for the relations of a record. */
export interface Chosen {
  /** The record that each relation is to refer to, null where it is left empty. */
  readonly referred: ReadonlyMap<RelationField, Known | null>
  /** The foreign keys, by field. */
  readonly values: Known
}

/** Chooses what foreign keys refer to: records that are there, and the same one where two relations share a column. */
export class ForeignKeys {
  readonly #random: Random
  readonly #dataModel: DataModel
  readonly #records: Records

  constructor(random: Random, dataModel: DataModel, records: Records) {
    this.#random = random
    this.#dataModel = dataModel
    this.#records = records
  }

  /**
   * @param fields relations of the model that hold its foreign keys
   * @param given values that fields of the record have already
   * @param self the record that is to get the foreign keys, when it is there
   * @returns null when no records fit
   */
  async choose(
    model: Model,
    fields: readonly RelationField[],
    given: Known,
    self?: Known,
  ): Promise<Chosen | null> {
    for (let tries = 0; tries < TRIES; tries++) {
      const chosen = await this.#attempt(model, fields, given)
      if (chosen && !(await this.#isTaken(model, { ...self, ...given, ...chosen.values }, self)))
        return chosen
    }
    return null
  }

  async #attempt(model: Model, fields: readonly RelationField[], given: Known): Promise<Chosen | null> {
    const values: Record<string, unknown> = {}
    const valueIn = (name: string) => (name in values ? values[name] : given[name])
    const referred = new Map<RelationField, Known | null>()
    // Keys of several columns have the fewest records that fit.
    const inOrder = this.#random.shuffled(fields).sort((a, b) => b.from.length - a.from.length)
    for (const field of inOrder) {
      const open = field.from.filter((name) => valueIn(name) === undefined)
      const mayBeEmpty =
        field.from.some((name) => valueIn(name) === null) ||
        (open.length > 0 && open.every((name) => !model.fields[name]?.isRequired))
      const record = mayBeEmpty && this.#random.chance(0.3) ? undefined : await this.#fitting(field, valueIn)
      if (record === undefined) {
        if (!mayBeEmpty) return null
        for (const name of open) values[name] = null
        referred.set(field, null)
        continue
      }
      field.from.forEach((name, at) => {
        values[name] = record[field.to[at] as string]
      })
      referred.set(field, record)
    }
    return { referred, values }
  }

  async #fitting(field: RelationField, valueIn: (name: string) => unknown): Promise<Known | undefined> {
    const related = this.#dataModel.models[field.type] as Model
    const fits = (record: Known) =>
      field.from.every((name, at) => {
        const value = valueIn(name)
        return value === undefined || same(value, record[field.to[at] as string])
      })
    // What is referred to by another unique than the id may have none.
    const whole = (record: Known) => field.to.every((name) => record[name] != null)
    return this.#random.pick(
      (await this.#records.all(related)).filter((record) => whole(record) && fits(record)),
    )
  }

  /** Whether another record has the same key, or the same values of another unique. */
  async #isTaken(model: Model, values: Known, self: Known | undefined): Promise<boolean> {
    const others = (await this.#records.all(model)).filter(
      (record) => !self || model.primaryKey.some((name) => !same(record[name], self[name])),
    )
    return [model.primaryKey, ...model.uniques].some(
      (fields) =>
        fields.length > 0 &&
        fields.every((name) => values[name] != null) &&
        others.some((record) => fields.every((name) => same(record[name], values[name]))),
    )
  }
}

/** Whether two values of a field are the same one. */
function same(one: unknown, other: unknown): boolean {
  const text = (value: unknown) => (value instanceof Date ? value.toISOString() : String(value))
  return one !== null && other !== null && text(one) === text(other)
}
