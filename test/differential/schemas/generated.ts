import { quoteIdentifier, quoteTable } from '../../../src/database/quote.ts'
import { Random } from '../random.ts'
import { block, columnOfDraft, type ModelDraft, renderSchema, type ValueDraft } from './draft.ts'
import { plainModel, SIZE } from './keys.ts'
import { Relations } from './relations.ts'

/** A schema that a seed makes, and what Prisma's migrations cannot say of it. */
export interface GeneratedSchema {
  /** The text of a `schema.prisma`. */
  readonly schema: string
  /** Makes the views and the generated columns, once the tables are there. */
  readonly sql: string
}

/**
 * Names of tables that have to be quoted, or look like what they are not. None has a `"`: Prisma's migrations do not
 * escape it, so that no table of a Prisma schema is called so.
 */
const TABLES = ['user-settings', 'two words', 'Größe', 'a.b', 'select', 'UPPER', '_under', 'tab$le', '1st']

/**
 * A random schema: every kind of id and of relation, relations that share columns, keys that are foreign keys, models
 * without `@id`, odd names, several Postgres schemas, enums, views and generated columns.
 */
export function generateSchema(seed: number): GeneratedSchema {
  const random = new Random(seed)
  const free = TABLES.filter(() => random.chance(0.6))
  const table = (name: string) => (random.chance(0.3) ? (free.pop() ?? name) : name)
  const models: ModelDraft[] = []
  for (let at = random.integer(3, 5); at > 0; at--) {
    const name = `Model${models.length + 1}`
    models.push(plainModel(random, name, table(name)))
  }
  const relations = new Relations(random, models, table)
  relations.plain()
  if (random.chance(0.7)) relations.keyOfAnother()
  if (random.chance(0.6)) relations.part()
  if (random.chance(0.7)) relations.pair()
  for (let times = random.integer(1, 3); times > 0; times--) relations.implicit()

  const enums = [
    { name: SIZE, type: 'size type', values: ['SMALL @map("s")', 'LARGE @map("l|x")', 'MEDIUM'] },
  ]
  const schemas = random.chance(0.4) ? ['public', random.chance(0.5) ? 'other' : 'odd schema'] : []
  const schemaOf = new Map(
    schemas.length === 0
      ? []
      : [...models, ...enums].map(({ name }) => [name, random.pick(schemas) as string] as const),
  )
  const blocks: string[] = []
  const sql: string[] = []
  for (const model of models) {
    const schema = schemaOf.get(model.name)
    if (random.chance(0.5)) sql.push(...generatedColumn(random, model, schema))
    if (random.chance(0.15)) {
      blocks.push(view(model, schema))
      sql.push(viewSql(model, schema))
    }
  }
  return { schema: renderSchema({ schemas, models, enums, schemaOf, blocks }), sql: sql.join('\n') }
}

/** Adds a column that the database computes from another one, where there is one; SQL that Prisma has no word for. */
function generatedColumn(random: Random, model: ModelDraft, schema: string | undefined): string[] {
  const source = model.values.find(({ name }) => name === 'count')
  if (source === undefined) return []
  const total: ValueDraft = {
    name: 'total',
    type: 'Int',
    kind: 'optional',
    attributes: ['@default(dbgenerated())'],
  }
  model.values.push(total)
  const kind = random.chance(0.5) ? 'stored' : 'virtual'
  const table = quoteTable(schema ?? 'public', model.table)
  const column = quoteIdentifier(columnOfDraft(source))
  return [
    `alter table ${table} drop column total, add column total integer generated always as (${column} * 2) ${kind};`,
  ]
}

/** A view of a model's records, which nobody writes. */
function view(model: ModelDraft, schema: string | undefined): string {
  const keys = keyValues(model).map(
    ({ name, type, native }) => `${name} ${type}${native ? ` ${native}` : ''}`,
  )
  const unique = `@@unique([${model.key.join(', ')}])`
  return block('view', `${model.name}View`, [
    ...keys,
    unique,
    ...(schema === undefined ? [] : [`@@schema("${schema}")`]),
  ])
}

function viewSql(model: ModelDraft, schema: string | undefined): string {
  const columns = keyValues(model).map(
    (value) => `${quoteIdentifier(columnOfDraft(value))} as ${quoteIdentifier(value.name)}`,
  )
  const name = quoteTable(schema ?? 'public', `${model.name}View`)
  return `create view ${name} as select ${columns.join(', ')} from ${quoteTable(schema ?? 'public', model.table)};`
}

function keyValues({ key, values }: ModelDraft): ValueDraft[] {
  return values.filter(({ name }) => key.includes(name))
}
