import type { Model } from '../../src/model/data-model.ts'
import { type AnyPrismaClient, delegateName } from './application.ts'
import type { Random } from './random.ts'

/** How many records of a model an operation may choose from. */
const WINDOW = 60

/** Key fields of a record, as Prisma Client has them. */
export type Key = Readonly<Record<string, unknown>>

/** Records that are there, to be named by operations. */
export class Records {
  readonly #client: AnyPrismaClient
  readonly #random: Random
  readonly #known = new Map<string, readonly Key[]>()

  constructor(client: AnyPrismaClient, random: Random) {
    this.#client = client
    this.#random = random
  }

  /** Forgets what was there; the next question asks the database. */
  forget(): void {
    this.#known.clear()
  }

  /** Keys of some records, by their order. */
  async all(model: Model): Promise<readonly Key[]> {
    const known = this.#known.get(model.name)
    if (known) return known
    const keys: Key[] = await this.#client[delegateName(model.name)].findMany({
      select: Object.fromEntries(model.primaryKey.map((name) => [name, true])),
      orderBy: model.primaryKey.map((name) => ({ [name]: 'asc' })),
      take: WINDOW,
    })
    this.#known.set(model.name, keys)
    return keys
  }

  /** Key of a record, or undefined when there is none. */
  async one(model: Model): Promise<Key | undefined> {
    return this.#random.pick(await this.all(model))
  }

  /** Keys of up to `most` records, none twice. */
  async some(model: Model, most: number): Promise<Key[]> {
    return this.#random.some(await this.all(model), most)
  }
}

/** The `where` that names one record. */
export function whereUnique(model: Model, key: Key): Record<string, unknown> {
  const values = Object.fromEntries(model.primaryKey.map((name) => [name, key[name]]))
  return model.primaryKey.length === 1
    ? values
    : { [model.primaryKeyName ?? model.primaryKey.join('_')]: values }
}

/** The `where` that names some records, for operations on many. */
export function whereAny(model: Model, keys: readonly Key[]): Record<string, unknown> {
  const [only] = model.primaryKey
  if (model.primaryKey.length === 1 && only !== undefined)
    return { [only]: { in: keys.map((key) => key[only]) } }
  return { OR: keys.map((key) => ({ ...key })) }
}
