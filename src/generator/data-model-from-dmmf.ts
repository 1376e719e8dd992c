import type { DMMF } from '@prisma/generator-helper'
import { WritebackError } from '../errors.ts'
import type {
  DataModel,
  EnumModel,
  Field,
  JoinTable,
  Model,
  ScalarField,
  ScalarType,
} from '../model/data-model.ts'
import { uniqueKey } from '../model/record-key.ts'
import { readSchemaText, type SchemaTextFacts } from './schema-text.ts'

/** Postgres cuts longer names; Prisma's migrations cut the join table's name the same way. */
const MAX_NAME_BYTES = 63

/**
 * The data model the library works with, from what Prisma hands to a generator.
 *
 * Views are left out, and so are the relations that lead to one: nothing can be written to them and no
 * trigger can follow them. Models and fields under `@@ignore`/`@ignore` are not in the DMMF at all.
 *
 * @param datamodel `options.dmmf.datamodel` of the generator
 * @param schemaText `options.datamodel`: the schema's text, for what the DMMF does not say
 * @throws WritebackError `CONFIG_INVALID` for a scalar type this version does not know
 */
export function dataModelFromDmmf(datamodel: DMMF.Datamodel, schemaText: string): DataModel {
  const facts = readSchemaText(schemaText)
  const models = datamodel.models.filter((model) => !facts.views.has(model.name))
  return {
    models: byName(models.map((model) => toModel(model, facts))),
    enums: byName(datamodel.enums.map((one) => toEnum(one, facts))),
    joinTables: joinTables(models),
    foreignKeys: facts.foreignKeys,
  }
}

function toModel(model: DMMF.Model, facts: SchemaTextFacts): Model {
  const shown = model.fields.filter((field) => !facts.views.has(field.type))
  const uniques = [
    ...model.fields.filter((one) => one.isUnique).map((one) => [one.name]),
    ...model.uniqueFields.map((names) => [...names]),
  ]
  const fields = byName([
    ...shown.map((field) => toField(model, field)),
    ...(facts.unsupported.get(model.name) ?? []),
  ])
  const id = model.primaryKey?.fields ?? model.fields.filter((one) => one.isId).map((one) => one.name)
  const primaryKey = id.length > 0 ? id : uniqueKey(uniques, fields)
  const key = [model.primaryKey, ...model.uniqueIndexes].find((one) => isSame(one?.fields, primaryKey))
  return {
    name: model.name,
    table: model.dbName ?? model.name,
    schema: model.schema,
    primaryKey,
    ...(key?.name && { primaryKeyName: key.name }),
    uniques,
    fields,
  }
}

function isSame(one: readonly string[] | undefined, other: readonly string[]): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function toField(model: DMMF.Model, field: DMMF.Field): Field {
  const base = {
    name: field.name,
    isList: field.isList,
    isRequired: field.isRequired,
    ...(field.hasDefaultValue && { hasDefault: true as const }),
  }
  const column = field.dbName ?? field.name
  switch (field.kind) {
    case 'enum':
      return { kind: 'enum', ...base, type: field.type, column }
    case 'unsupported':
      // Prisma 7 leaves these out and the schema's text supplies them; an entry there would be the same.
      return { kind: 'unsupported', ...base, type: field.type, column }
    case 'object':
      return { kind: 'relation', ...base, type: field.type, ...relation(field) }
    case 'scalar':
      return {
        kind: 'scalar',
        ...base,
        type: scalarType(model, field),
        column,
        nativeType: field.nativeType?.[0] ?? null,
        ...precision(field.nativeType),
        ...(field.default === '' && { isEmptyByDefault: true as const }),
        ...(field.isId && madeBy(field.default)),
      }
  }
}

function madeBy(given: DMMF.Field['default']): Pick<ScalarField, 'made'> {
  if (typeof given !== 'object' || !('name' in given)) return {}
  return { made: { by: given.name, args: given.args.filter((arg) => typeof arg === 'number') } }
}

const TIMES: ReadonlySet<string> = new Set(['Timestamp', 'Timestamptz', 'Time', 'Timetz'])

/** Postgres keeps six digits of a second where the native type says nothing; Prisma's own default is `timestamp(3)`. */
function precision(nativeType: DMMF.Field['nativeType']): { precision?: number } {
  const [name = '', args] = nativeType ?? []
  return TIMES.has(name) ? { precision: Number(args?.[0] ?? 6) } : {}
}

/** Referential actions are in the DMMF only where the schema spells them out; the rest are Prisma's defaults. */
function relation(field: DMMF.Field) {
  const from = field.relationFromFields ?? []
  const ownsKey = from.length > 0
  return {
    relation: field.relationName ?? '',
    from: [...from],
    to: [...(field.relationToFields ?? [])],
    onDelete: ownsKey ? (field.relationOnDelete ?? (field.isRequired ? 'Restrict' : 'SetNull')) : null,
    onUpdate: ownsKey ? (field.relationOnUpdate ?? 'Cascade') : null,
  }
}

function toEnum(one: DMMF.DatamodelEnum, facts: SchemaTextFacts): EnumModel {
  return {
    name: one.name,
    type: one.dbName ?? one.name,
    schema: facts.enumSchemas.get(one.name) ?? null,
    values: Object.fromEntries(one.values.map((value) => [value.name, value.dbName ?? value.name])),
  }
}

/**
 * Implicit many-to-many relations: both ends are lists and neither holds a key. Prisma keeps the pairs in
 * `_<relation>` with columns A and B, in the Postgres schema of A's model. A is the end whose model comes
 * first in byte order, and where a model relates to itself the end whose field does.
 * Source: prisma.io/docs, "Conventions for implicit m-n relations"; the schema, the cut of long names and the
 * order of self relations were observed with Prisma 7.10's schema engine and client.
 */
function joinTables(models: readonly DMMF.Model[]): JoinTable[] {
  const tables: JoinTable[] = []
  const byModelName = new Map(models.map((model) => [model.name, model]))
  for (const model of models) {
    for (const field of model.fields) {
      const other = byModelName.get(field.type)
      const opposite = other && oppositeList(model, field, other)
      if (!opposite) continue
      const order = compareBytes(model.name, other.name) || compareBytes(field.name, opposite.name)
      // Each relation is met at both ends: it is taken at A's.
      if (order > 0) continue
      tables.push({
        relation: field.relationName ?? '',
        table: cut(`_${field.relationName}`),
        schema: model.schema,
        a: model.name,
        aField: field.name,
        b: other.name,
        bField: opposite.name,
      })
    }
  }
  return tables
}

function oppositeList(model: DMMF.Model, field: DMMF.Field, other: DMMF.Model): DMMF.Field | undefined {
  if (field.kind !== 'object' || !field.isList) return undefined
  return other.fields.find(
    (one) =>
      one.relationName === field.relationName &&
      one.isList &&
      one.type === model.name &&
      (other !== model || one.name !== field.name),
  )
}

const SCALARS: ReadonlySet<string> = new Set<ScalarType>([
  'String',
  'Boolean',
  'Int',
  'BigInt',
  'Float',
  'Decimal',
  'DateTime',
  'Json',
  'Bytes',
])

function scalarType(model: DMMF.Model, field: DMMF.Field): ScalarType {
  if (SCALARS.has(field.type)) return field.type as ScalarType
  throw new WritebackError('CONFIG_INVALID', {
    problem: `field ${model.name}.${field.name} has a type that this version does not know`,
    expected: `one of ${[...SCALARS].join(', ')}`,
    got: field.type,
    remedy: 'Update prisma-writeback, or mark the field with @ignore',
  })
}

function byName<T extends { readonly name: string }>(items: readonly T[]): Record<string, T> {
  return Object.fromEntries(items.map((item) => [item.name, item]))
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}

function cut(name: string): string {
  return Buffer.from(name).subarray(0, MAX_NAME_BYTES).toString()
}
