import type { DataModel, Model, RelationField } from '../../src/model/data-model.ts'
import { type AnyPrismaClient, delegateName } from './application.ts'
import type { Random } from './random.ts'
import { foreignKeys, oppositeOf, relations } from './relation-fields.ts'

/** How many records of a model an operation may choose from. */
const WINDOW = 60

/** What is known of a record: the fields of its key, of its uniques, and those that relations go through. */
export type Known = Readonly<Record<string, unknown>>

/** Reads records: a client, or a transaction of one. */
export type Reader = Pick<AnyPrismaClient, never> & { readonly [delegate: string]: AnyPrismaClient[string] }

/** Records that are there, to be named by operations. */
export class Records {
  readonly #random: Random
  readonly #dataModel: DataModel
  readonly #known = new Map<string, readonly Known[]>()
  #reader: Reader

  constructor(random: Random, dataModel: DataModel, reader: Reader) {
    this.#random = random
    this.#dataModel = dataModel
    this.#reader = reader
  }

  /** Asks another client, or the same one again, for there has been a write. */
  readFrom(reader: Reader): void {
    this.#reader = reader
    this.#known.clear()
  }

  /** Some records of a model, by their order. */
  async all(model: Model): Promise<readonly Known[]> {
    const known = this.#known.get(model.name)
    if (known) return known
    const found = await this.#find(model, {})
    this.#known.set(model.name, found)
    return found
  }

  /** A record, or undefined when there is none. */
  async one(model: Model): Promise<Known | undefined> {
    return this.#random.pick(await this.all(model))
  }

  /** Up to `most` records, none twice. */
  async some(model: Model, most: number): Promise<Known[]> {
    return this.#random.some(await this.all(model), most)
  }

  /** The records that a relation leads to from a record. */
  async linked(model: Model, field: RelationField, near: Known): Promise<readonly Known[]> {
    const related = this.#dataModel.models[field.type]
    const opposite = oppositeOf(this.#dataModel, model, field)
    if (!related || !opposite) return []
    const key = Object.fromEntries(model.primaryKey.map((name) => [name, near[name]]))
    return this.#find(related, { [opposite.name]: { [opposite.isList ? 'some' : 'is']: key } })
  }

  async #find(model: Model, where: object): Promise<readonly Known[]> {
    return this.#reader[delegateName(model.name)].findMany({
      where,
      select: Object.fromEntries(knownFields(this.#dataModel, model).map((name) => [name, true])),
      orderBy: model.primaryKey.map((name) => ({ [name]: 'asc' })),
      take: WINDOW,
    })
  }
}

function knownFields(dataModel: DataModel, model: Model): string[] {
  const referred = relations(model).flatMap((field) => oppositeOf(dataModel, model, field)?.to ?? [])
  const own = foreignKeys(model).flatMap((field) => field.from)
  return [...new Set([...model.primaryKey, ...model.uniques.flat(), ...referred, ...own])]
}

/** The `where` that names one record: by its id, now and then by another unique. */
export function whereUnique(random: Random, model: Model, record: Known): Record<string, unknown> {
  const others = model.uniques.filter((fields) => fields.every((name) => record[name] != null))
  const fields = random.chance(0.2) ? random.pick(others) : undefined
  if (fields) return named(fields, fields.join('_'), record)
  return named(model.primaryKey, model.primaryKeyName ?? model.primaryKey.join('_'), record)
}

function named(fields: readonly string[], name: string, record: Known): Record<string, unknown> {
  const values = Object.fromEntries(fields.map((field) => [field, record[field]]))
  return fields.length === 1 ? values : { [name]: values }
}

/** The `where` that names some records, for operations on many. */
export function whereAny(model: Model, records: readonly Known[]): Record<string, unknown> {
  const [only, ...others] = model.primaryKey
  if (others.length === 0 && only !== undefined)
    return { [only]: { in: records.map((record) => record[only]) } }
  return {
    OR: records.map((record) => Object.fromEntries(model.primaryKey.map((name) => [name, record[name]]))),
  }
}
