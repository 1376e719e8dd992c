import type { DataModel, Model } from '../../src/model/data-model.ts'
import { type AnyPrismaClient, delegateName } from './application.ts'
import { applicationModels, type Catalog } from './catalog.ts'
import { DataMaker } from './nested.ts'
import type { Random } from './random.ts'
import { rawStatement } from './raw.ts'
import { Records, whereAny, whereUnique } from './records.ts'

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
  /** Makes the call. The promise is lazy, as Prisma's are. */
  call(runner: Runner): PromiseLike<unknown>
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

/** Makes random operations over any schema. */
export class Operations {
  readonly records: Records
  readonly #random: Random
  readonly #models: readonly Model[]
  readonly #dataModel: DataModel
  readonly #catalog: Catalog
  readonly #data: DataMaker

  constructor(random: Random, dataModel: DataModel, catalog: Catalog, client: AnyPrismaClient) {
    this.records = new Records(client, random)
    this.#random = random
    this.#dataModel = dataModel
    this.#catalog = catalog
    this.#data = new DataMaker(random, dataModel, catalog, this.records)
    this.#models = applicationModels(dataModel).filter((model) => model.primaryKey.length > 0)
  }

  /** A record with its required relations, to have something to start from; null when it needs what is not there. */
  async seed(model: Model): Promise<Operation | null> {
    const data = await this.#data.create(model, 1)
    return data && this.#onModel(model, 'create', 'create', { data })
  }

  /** Any operation. */
  async any(): Promise<Operation> {
    for (;;) {
      const operation = await this.#attempt()
      if (operation !== null) return operation
    }
  }

  async #attempt(): Promise<Operation | null> {
    const model = this.#random.pick(this.#models) as Model
    const make = this.#random.weighted<() => Promise<Operation | null>>([
      [5, () => this.#create(model)],
      [2, () => this.#createMany(model)],
      [6, () => this.#update(model)],
      [3, () => this.#updateMany(model)],
      [2, () => this.#upsert(model)],
      [2, () => this.#delete(model)],
      [1, () => this.#deleteMany(model)],
      [3, () => this.#raw(model)],
    ])
    return make()
  }

  async #create(model: Model): Promise<Operation | null> {
    const data = this.#random.chance(0.3)
      ? await this.#data.plain(model)
      : await this.#data.create(model, this.#random.integer(0, 3))
    return data && this.#onModel(model, 'create', 'create', { data })
  }

  async #createMany(model: Model): Promise<Operation | null> {
    const data = []
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
    const key = await this.records.one(model)
    if (!key) return null
    const data = await this.#data.update(model, this.#random.integer(0, 3))
    return this.#onModel(model, 'update', 'update', { where: whereUnique(model, key), data })
  }

  async #updateMany(model: Model): Promise<Operation | null> {
    const keys = await this.records.some(model, 4)
    const where =
      this.#random.chance(0.5) && keys.length > 0 ? whereAny(model, keys) : this.#data.filter(model)
    const method = this.#random.chance(0.5) ? 'updateMany' : 'updateManyAndReturn'
    const limit = this.#random.chance(0.2) ? { limit: this.#random.integer(1, 2) } : {}
    return this.#onModel(model, method, 'updateMany', { where, data: this.#data.values(model), ...limit })
  }

  async #upsert(model: Model): Promise<Operation | null> {
    const create = await this.#data.create(model, this.#random.integer(0, 2))
    if (!create) return null
    const known = await this.records.one(model)
    // Half of the time the record is not there.
    const made = Object.fromEntries(model.primaryKey.map((name) => [name, create[name]]))
    const key = known && this.#random.chance(0.5) ? known : made
    if (Object.values(key).some((value) => value === undefined)) return null
    const update = await this.#data.update(model, this.#random.integer(0, 2))
    return this.#onModel(model, 'upsert', 'upsert', { where: whereUnique(model, key), create, update })
  }

  async #delete(model: Model): Promise<Operation | null> {
    const key = await this.records.one(model)
    return key ? this.#onModel(model, 'delete', 'delete', { where: whereUnique(model, key) }) : null
  }

  async #deleteMany(model: Model): Promise<Operation | null> {
    const keys = await this.records.some(model, 3)
    if (keys.length === 0) return null
    const limit = this.#random.chance(0.2) ? { limit: 1 } : {}
    return this.#onModel(model, 'deleteMany', 'deleteMany', { where: whereAny(model, keys), ...limit })
  }

  async #raw(model: Model): Promise<Operation | null> {
    const keys = await this.records.some(model, 2)
    const statement = rawStatement(this.#random, this.#dataModel, this.#catalog, model, keys)
    if (statement === null) return null
    return {
      name: `raw ${statement.sql.slice(0, 6)} ${model.name}`,
      kind: 'raw SQL',
      args: statement,
      call: (runner) => runner.$executeRawUnsafe(statement.sql, ...statement.values),
    }
  }

  #onModel(model: Model, method: string, kind: OperationKind, args: Record<string, unknown>): Operation {
    const delegate = delegateName(model.name)
    const nested = [args.data, args.create, args.update].some((data) => writesRelation(model, data))
    return {
      name: `${model.name}.${method}`,
      kind: nested ? 'nested write' : kind,
      args,
      call: (runner) =>
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
