import { columnOf } from '../../src/capture/shown/links.ts'
import { quoteIdentifier, quoteTable } from '../../src/database/quote.ts'
import type { DataModel, EnumField, Model, ScalarField } from '../../src/model/data-model.ts'
import { type Catalog, valueFields } from './catalog.ts'
import type { Random } from './random.ts'
import type { Known } from './records.ts'
import { foreignKeys } from './relation-fields.ts'
import { randomValue } from './values.ts'

/** A statement with its parameters. */
export interface RawStatement {
  readonly sql: string
  readonly values: readonly unknown[]
}

/**
 * A random INSERT, UPDATE or DELETE of a model's table, or null where the model has nothing to write.
 *
 * @param keys records that it may change
 * @param foreign foreign keys that it may give them
 */
export function rawStatement(
  random: Random,
  dataModel: DataModel,
  catalog: Catalog,
  model: Model,
  keys: readonly Known[],
  foreign: Known,
): RawStatement | null {
  const statement = new Statement(dataModel, model)
  const table = quoteTable(model.schema, model.table)
  const join = random.chance(0.3) ? joinStatement(random, dataModel, model) : null
  if (join !== null) return join
  if (keys.length === 0) return null
  const where = `where ${statement.isAnyOf(keys)}`
  if (random.chance(0.25)) return statement.done(`delete from ${table} ${where}`)
  const value = (field: ScalarField | EnumField) => {
    const facts = catalog.get(model.name)?.get(field.name)
    if (!facts) return 'default'
    // Far from what the database counts by itself, which must not meet it later.
    if (facts.counts) return statement.parameter(field, random.integer(1_000_000, 2_000_000))
    return statement.parameter(field, randomValue(random, dataModel, field, facts))
  }
  const isGenerated = (name: string) => catalog.get(model.name)?.get(name)?.generated === true
  const fields = writable(model).filter((field) => !isGenerated(field.name))
  const changeable = fields.filter((field) => !model.primaryKey.includes(field.name) || random.chance(0.2))
  const sets = random.some(changeable, 2).map((field) => `${column(model, field.name)} = ${value(field)}`)
  if (random.chance(0.6)) {
    for (const [name, given] of Object.entries(foreign)) {
      const field = model.fields[name] as ScalarField | EnumField
      sets.push(`${column(model, name)} = ${given === null ? 'null' : statement.parameter(field, given)}`)
    }
  }
  if (sets.length === 0) return null
  if (random.chance(0.6)) return statement.done(`update ${table} set ${sets.join(', ')} ${where}`)
  // A copy of a record under another id; where the id is taken, what is there is changed.
  const fresh = new Set(model.primaryKey)
  const columns = valueFields(model).filter(
    (field) => field.kind !== 'unsupported' && !isGenerated(field.name),
  )
  const selected = columns.map((field) => {
    const own = fields.find((one) => one.name === field.name)
    return own && fresh.has(field.name) ? value(own) : column(model, field.name)
  })
  const key = model.primaryKey.map((name) => column(model, name)).join(', ')
  return statement.done(
    `insert into ${table} (${columns.map((field) => column(model, field.name)).join(', ')})
     select ${selected.join(', ')} from ${table} ${where} order by ${key} limit 1
     on conflict (${key}) do update set ${sets.join(', ')}`,
  )
}

/** Links or unlinks records in the table of an implicit many-to-many relation. */
function joinStatement(random: Random, dataModel: DataModel, model: Model): RawStatement | null {
  const join = random.pick(dataModel.joinTables.filter((one) => one.a === model.name || one.b === model.name))
  const [a, b] = [dataModel.models[join?.a ?? ''], dataModel.models[join?.b ?? '']]
  if (!join || !a || !b) return null
  const table = quoteTable(join.schema, join.table)
  if (random.chance(0.4)) {
    return {
      sql: `delete from ${table} where ctid in (select ctid from ${table} order by "A", "B" limit 2)`,
      values: [],
    }
  }
  const offset = random.integer(0, 3)
  const one = (of: Model) =>
    `(select ${column(of, of.primaryKey[0] ?? '')} from ${quoteTable(of.schema, of.table)} order by 1 offset ${offset} limit 1)`
  return {
    sql: `insert into ${table} ("A", "B") select ${one(a)}, ${one(b)} on conflict do nothing`,
    values: [],
  }
}

/** Fields that a statement may set without breaking a reference. */
function writable(model: Model): (ScalarField | EnumField)[] {
  const foreign = new Set(foreignKeys(model).flatMap((field) => field.from))
  return valueFields(model)
    .filter(
      (field): field is ScalarField | EnumField =>
        // Json and Bytes have no one spelling as a parameter of raw SQL.
        field.kind === 'enum' || (field.kind === 'scalar' && !['Json', 'Bytes'].includes(field.type)),
    )
    .filter((field) => !field.isList && !foreign.has(field.name))
}

/** Collects the parameters of a statement. */
class Statement {
  readonly #values: unknown[] = []
  readonly #dataModel: DataModel
  readonly #model: Model

  constructor(dataModel: DataModel, model: Model) {
    this.#dataModel = dataModel
    this.#model = model
  }

  /** A placeholder, cast from text to the column's type. */
  parameter(field: ScalarField | EnumField, value: unknown): string {
    this.#values.push(this.#text(field, value))
    return `$${this.#values.length}::text::${this.#type(field)}`
  }

  isAnyOf(keys: readonly Known[]): string {
    const alternatives = keys.map((key) =>
      this.#model.primaryKey
        .map((name) => {
          const field = this.#model.fields[name] as ScalarField | EnumField
          return `${column(this.#model, name)} = ${this.parameter(field, key[name])}`
        })
        .join(' and '),
    )
    return `(${alternatives.join(' or ')})`
  }

  done(sql: string): RawStatement {
    return { sql, values: this.#values }
  }

  #text(field: ScalarField | EnumField, value: unknown): string {
    if (field.kind === 'enum')
      return this.#dataModel.enums[field.type]?.values[String(value)] ?? String(value)
    return value instanceof Date ? value.toISOString() : String(value)
  }

  #type(field: ScalarField | EnumField): string {
    if (field.kind === 'enum') {
      const type = this.#dataModel.enums[field.type]
      return quoteTable(type?.schema ?? null, type?.type ?? field.type)
    }
    return PLAIN[field.nativeType ?? ''] ?? DEFAULTS[field.type] ?? 'text'
  }
}

/** Postgres types that Prisma's types have by default, and those of native types that differ. */
const DEFAULTS: Readonly<Record<string, string>> = {
  Boolean: 'boolean',
  Int: 'integer',
  BigInt: 'bigint',
  Float: 'float8',
  Decimal: 'numeric',
  DateTime: 'timestamp',
}
const PLAIN: Readonly<Record<string, string>> = {
  Uuid: 'uuid',
  Inet: 'inet',
  Xml: 'xml',
  Bit: 'varbit',
  VarBit: 'varbit',
  Date: 'date',
  Timestamptz: 'timestamptz',
  Time: 'timestamp::time',
  Timetz: 'timestamptz::timetz',
}

function column(model: Model, name: string): string {
  return quoteIdentifier(columnOf(model, name))
}
