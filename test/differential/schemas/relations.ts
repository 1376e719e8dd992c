import type { Random } from '../random.ts'
import type { ModelDraft, ValueDraft } from './draft.ts'
import { several, single, someValues } from './keys.ts'

/** How a relation between two drafts is. */
interface RelationOptions {
  readonly optional?: boolean
  /** The other end is one record, not a list: the foreign key has to be unique. */
  readonly toOne?: boolean
}

/** Adds relations to the models of a schema, and models that relations make: join tables, parts, pairs. */
export class Relations {
  readonly #random: Random
  readonly #models: ModelDraft[]
  /** The name of the next model's table. */
  readonly #table: (model: string) => string
  #count = 0

  constructor(random: Random, models: ModelDraft[], table: (model: string) => string) {
    this.#random = random
    this.#models = models
    this.#table = table
  }

  /** One or two relations of every model but the first, to another or to itself. */
  plain(): void {
    for (const [at, from] of [...this.#models].entries()) {
      for (let times = this.#random.integer(at === 0 ? 0 : 1, 2); times > 0; times--) {
        const to = this.#random.pick(this.#models.slice(0, at + 1)) as ModelDraft
        // A record that has to refer to another of its kind could never be the first.
        const optional = to === from || this.#random.chance(0.4)
        const toOne = this.#random.chance(0.25)
        this.#relate(from, this.#foreignKey(from, to, optional), to, { optional, toOne })
      }
    }
  }

  /** A key that is a foreign key; others refer to it, and one shares a column with it. */
  keyOfAnother(): void {
    const to = this.#any()
    const name = this.#nextModel('Own')
    const field = (key: string): ValueDraft => ({ ...foreign(to, key), name: `own${capital(key)}` })
    const [only, ...rest] = to.key.map(field)
    if (only === undefined) return
    const table = this.#table(name)
    const from =
      rest.length === 0
        ? single(name, table, '@id', only)
        : several(name, table, '@@id', null, [only, ...rest])
    from.values.push(...someValues(this.#random))
    this.#models.push(from)
    this.#relate(from, from.key, to, { toOne: true }, true)
    const lines = this.#child('Line')
    this.#relate(lines, this.#foreignKey(lines, from, false), from, {})
    if (this.#random.chance(0.5)) {
      // One column, two relations: what has the key of the one has that of the other.
      const both = this.#child('Both')
      const key = this.#foreignKey(both, from, false)
      this.#relate(both, key, from, {})
      this.#relate(both, key, to, {})
    }
  }

  /** A key of which a foreign key is a part; a third model refers to it by that. */
  part(): void {
    const to = this.#any()
    const name = this.#nextModel('Part')
    const keys = to.key.map((key): ValueDraft => ({ ...foreign(to, key), name: `of${capital(key)}` }))
    const own: ValueDraft = { name: 'place', type: 'Int' }
    const keyIs = this.#random.chance(0.7) ? '@@id' : '@@unique'
    const from = several(name, this.#table(name), keyIs, null, [...keys, own])
    from.values.push(...someValues(this.#random))
    this.#models.push(from)
    this.#relate(
      from,
      keys.map((key) => key.name),
      to,
      {},
    )
    const child = this.#child('Piece')
    const optional = this.#random.chance(0.4)
    const key = this.#foreignKey(child, from, optional)
    this.#relate(child, key, from, { optional })
    // The part of the key that leads to the whole's whole is a relation of its own.
    if (this.#random.chance(0.6)) this.#relate(child, key.slice(0, to.key.length), to, { optional })
  }

  /** Many-to-many by a model of its own, and what belongs to a pair as well as to each of the two. */
  pair(): void {
    const [a, b] = [this.#any(), this.#any()]
    const name = this.#nextModel('Pair')
    const keysOf = (to: ModelDraft, prefix: string) =>
      to.key.map((key): ValueDraft => ({ ...foreign(to, key), name: `${prefix}${capital(key)}` }))
    const [as, bs] = [keysOf(a, 'a'), keysOf(b, 'b')]
    const pair = several(name, this.#table(name), '@@id', null, [...as, ...bs])
    this.#models.push(pair)
    const names = (keys: readonly ValueDraft[]) => keys.map((key) => key.name)
    this.#relate(pair, names(as), a, {})
    this.#relate(pair, names(bs), b, {})
    const source = this.#child('Source')
    const key = this.#foreignKey(source, pair, false)
    const relations = [
      () => this.#relate(source, key.slice(0, as.length), a, {}),
      () => this.#relate(source, key.slice(as.length), b, {}),
      () => this.#relate(source, key, pair, {}),
    ]
    // Prisma writes them in the order of the fields of the data, which is that of the schema here.
    if (this.#random.chance(0.5)) relations.reverse()
    for (const relation of relations) relation()
  }

  /** Implicit many-to-many. */
  implicit(): void {
    const possible = this.#models.filter((model) => model.keyIs === '@id')
    const [a, b] = [this.#random.pick(possible), this.#random.pick(possible)]
    if (!a || !b) return
    const name = `Many${++this.#count}`
    a.relations.push(`many${this.#count} ${b.name}[] @relation("${name}")`)
    b.relations.push(`many${this.#count}Of ${a.name}[] @relation("${name}")`)
  }

  #any(): ModelDraft {
    return this.#random.pick(this.#models) as ModelDraft
  }

  #nextModel(kind: string): string {
    return `${kind}${++this.#count}`
  }

  /** A model for a relation to start from. */
  #child(kind: string): ModelDraft {
    const name = this.#nextModel(kind)
    const child = single(name, this.#table(name), '@id', {
      name: 'id',
      type: 'String',
      attributes: ['@default(uuid())'],
    })
    child.values.push(...someValues(this.#random))
    this.#models.push(child)
    return child
  }

  /** Adds the fields of a foreign key. */
  #foreignKey(from: ModelDraft, to: ModelDraft, optional: boolean): readonly string[] {
    const prefix = `to${++this.#count}`
    return to.key.map((key) => {
      const name = `${prefix}${capital(key)}`
      from.values.push({ ...foreign(to, key), name, ...(optional && { kind: 'optional' as const }) })
      return name
    })
  }

  /** @param isKey whether the foreign key is unique already */
  #relate(
    from: ModelDraft,
    fields: readonly string[],
    to: ModelDraft,
    { optional = false, toOne = false }: RelationOptions,
    isKey = false,
  ): void {
    const at = ++this.#count
    const onDelete = this.#random.pick(
      optional ? ['Cascade', 'SetNull', 'NoAction'] : ['Cascade', 'Cascade', 'Restrict'],
    )
    const onUpdate = this.#random.pick(['Cascade', 'Cascade', 'Cascade', 'NoAction'])
    const by = `fields: [${fields.join(', ')}], references: [${to.key.join(', ')}]`
    from.relations.push(
      `rel${at} ${to.name}${optional ? '?' : ''} @relation("Rel${at}", ${by}, onDelete: ${onDelete}, onUpdate: ${onUpdate}, map: "rel ${at}")`,
    )
    to.relations.push(`rel${at}Of ${from.name}${toOne ? '?' : '[]'} @relation("Rel${at}")`)
    if (toOne && !isKey) from.attributes.push(`@@unique([${fields.join(', ')}], map: "unique ${at}")`)
  }
}

/** A field that refers to another one: of the same type. */
function foreign(to: ModelDraft, key: string): Pick<ValueDraft, 'type' | 'native'> {
  const { type, native } = to.values.find((value) => value.name === key) as ValueDraft
  return { type, ...(native && { native }) }
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1)
}
