import type { DataModel, Model } from '../../src/model/data-model.ts'
import { type AnyPrismaClient, delegateName } from './application.ts'
import { applicationModels, type Catalog } from './catalog.ts'
import { DataMaker } from './nested.ts'
import type { Data } from './own-values.ts'
import type { Random } from './random.ts'
import { type RawStatement, rawStatement } from './raw.ts'
import { type Known, type Reader, Records, whereAny, whereUnique } from './records.ts'

/** A client, or a transaction of one. */
export type Runner = Pick<AnyPrismaClient, '$executeRawUnsafe'> & { readonly [delegate: string]: unknown }

/** One call of Prisma Client. */
export interface Operation {
  /** `Request.update`, or `raw update`. */
  readonly name: string
  /** How it writes, as the rows of the coverage table are named. */
  readonly kind: OperationKind
  /** Arguments, for a report of what went wrong. */
  readonly args: unknown
  /** The model whose records it takes only so many of; undefined of operations without a limit. */
  readonly limited?: Model | undefined
  /** Makes the call, with other arguments where some are given. The promise is lazy, as Prisma's are. */
  call(runner: Runner, args?: unknown): PromiseLike<unknown>
}

export type OperationKind =
  | 'create'
  | 'createMany'
  | 'update'
  | 'updateMany'
  | 'upsert'
  | 'delete'
  | 'deleteMany'
  | 'nested write'
  | 'raw SQL'

/** How often an operation of the same kind is made again, when the one that was made is put aside. */
const TRIES = 8

/** Makes random operations over any schema. */
export class Operations {
  readonly records: Records
  readonly #random: Random
  readonly #models: readonly Model[]
  readonly #dataModel: DataModel
  readonly #catalog: Catalog
  readonly #data: DataMaker

  constructor(random: Random, dataModel: DataModel, catalog: Catalog, reader: Reader) {
    this.records = new Records(random, dataModel, reader)
    this.#random = random
    this.#dataModel = dataModel
    this.#catalog = catalog
    this.#data = new DataMaker(random, dataModel, catalog, this.records)
    this.#models = applicationModels(dataModel).filter((model) => model.primaryKey.length > 0)
  }

  /** A record with its required relations, to have something to start from; null when it needs what is not there. */
  async seed(model: Model): Promise<Operation | null> {
    const made = await this.#data.create(model, 1)
    return made && this.#onModel(model, 'create', 'create', { data: made.data })
  }

  /**
   * Any operation that is accepted. What is refused is made again for the same model and of the same kind a few times,
   * so that the kinds that are hard to make are not left out.
   *
   * @param raw whether it may be raw SQL
   */
  async any(raw: boolean, accepts: (operation: Operation) => Promise<boolean>): Promise<Operation> {
    for (;;) {
      const make = this.#maker(raw)
      for (let tries = 0; tries < TRIES; tries++) {
        const operation = await make()
        if (operation !== null && (await accepts(operation))) return operation
      }
    }
  }

  #maker(raw: boolean): () => Promise<Operation | null> {
    const model = this.#random.pick(this.#models) as Model
    return this.#random.weighted([
      [5, () => this.#create(model)],
      [2, () => this.#createMany(model)],
      [6, () => this.#update(model)],
      [3, () => this.#updateMany(model)],
      [3, () => this.#upsert(model)],
      [2, () => this.#delete(model)],
      [1, () => this.#deleteMany(model)],
      [raw ? 3 : 0, () => this.#raw(model)],
    ])
  }

  async #create(model: Model): Promise<Operation | null> {
    const made = await this.#data.create(model, this.#random.integer(0, 3))
    return made && this.#onModel(model, 'create', 'create', { data: made.data })
  }

  async #createMany(model: Model): Promise<Operation | null> {
    const data: Data[] = []
    for (let at = this.#random.integer(1, 4); at > 0; at--) {
      const row = await this.#data.plain(model)
      if (row) data.push(row)
    }
    const method = this.#random.chance(0.5) ? 'createMany' : 'createManyAndReturn'
    return data.length === 0
      ? null
      : this.#onModel(model, method, 'createMany', { data, skipDuplicates: this.#random.chance(0.7) })
  }

  async #update(model: Model): Promise<Operation | null> {
    const record = await this.records.one(model)
    if (!record) return null
    const data = await this.#data.update(model, this.#random.integer(0, 3), record)
    return this.#onModel(model, 'update', 'update', { where: this.#where(model, record), data })
  }

  async #updateMany(model: Model): Promise<Operation | null> {
    const records = await this.records.some(model, 4)
    const named = this.#random.chance(0.5) && records.length > 0
    const where = named ? whereAny(model, records) : this.#data.own.filter(model)
    const method = this.#random.chance(0.5) ? 'updateMany' : 'updateManyAndReturn'
    const limit = this.#random.chance(0.2) ? { limit: this.#random.integer(1, 2) } : {}
    const keys = this.#random.chance(0.4)
      ? await this.#data.foreignKeys(model, records.length === 1 ? records[0] : undefined)
      : {}
    const data = { ...this.#data.own.changed(model), ...keys }
    return this.#onModel(model, method, 'updateMany', { where, data, ...limit })
  }

  async #upsert(model: Model): Promise<Operation | null> {
    const made = await this.#data.create(model, this.#random.integer(0, 2))
    if (!made) return null
    const known = await this.records.one(model)
    // Half of the time the record is not there.
    const unused = this.#data.own.unusedKey(model, made.known)
    const record = known && (unused === undefined || this.#random.chance(0.5)) ? known : unused
    if (record === undefined) return null
    const update = await this.#data.update(
      model,
      this.#random.integer(0, 3),
      record === known ? known : undefined,
    )
    const where = this.#where(model, record)
    return this.#onModel(model, 'upsert', 'upsert', { where, create: made.data, update })
  }

  async #delete(model: Model): Promise<Operation | null> {
    const record = await this.records.one(model)
    return record ? this.#onModel(model, 'delete', 'delete', { where: this.#where(model, record) }) : null
  }

  async #deleteMany(model: Model): Promise<Operation | null> {
    const records = await this.records.some(model, 3)
    if (records.length === 0) return null
    const limit = this.#random.chance(0.2) ? { limit: 1 } : {}
    return this.#onModel(model, 'deleteMany', 'deleteMany', { where: whereAny(model, records), ...limit })
  }

  async #raw(model: Model): Promise<Operation | null> {
    const records = await this.records.some(model, 2)
    const keys = await this.#data.foreignKeys(model, records.length === 1 ? records[0] : undefined)
    const statement = rawStatement(this.#random, this.#dataModel, this.#catalog, model, records, keys)
    if (statement === null) return null
    return {
      name: `raw ${statement.sql.slice(0, 6)} ${model.name}`,
      kind: 'raw SQL',
      args: statement,
      call: (runner, args = statement) => {
        const { sql, values } = args as RawStatement
        return runner.$executeRawUnsafe(sql, ...values)
      },
    }
  }

  #where(model: Model, record: Known): Data {
    return whereUnique(this.#random, model, record)
  }

  #onModel(model: Model, method: string, kind: OperationKind, given: Data): Operation {
    const delegate = delegateName(model.name)
    const nested = [given.data, given.create, given.update].some((data) => writesRelation(model, data))
    return {
      name: `${model.name}.${method}`,
      kind: nested ? 'nested write' : kind,
      args: given,
      limited: 'limit' in given ? model : undefined,
      call: (runner, args = given) =>
        (runner[delegate] as Record<string, (args: unknown) => PromiseLike<unknown>>)[method]?.(
          args,
        ) as PromiseLike<unknown>,
    }
  }
}

/** Whether data writes to more than its own record; to be connected by one's own foreign key is no such thing. */
function writesRelation(model: Model, data: unknown): boolean {
  return Object.entries((data ?? {}) as object).some(([name, value]) => {
    const field = model.fields[name]
    if (field?.kind !== 'relation') return false
    const owns = field.from.length > 0
    return !owns || Object.keys(value as object).some((key) => key !== 'connect' && key !== 'disconnect')
  })
}
