import { WritebackError } from '../../errors.ts'
import type { DataModel, JoinTable, Model, RelationField } from '../../model/data-model.ts'
import { keyFields } from '../../model/record-key.ts'

/**
 * How two tables of a relation hang together, seen from the `near` end (closer to the mirrored model).
 * - `holds`: the near table holds the foreign key (`Request.operator`)
 * - `held`: the far table holds it (`Request.items`)
 */
export interface KeyLink {
  readonly kind: 'holds' | 'held'
  readonly near: Model
  readonly far: Model
  /** Columns that are equal, by pairs. */
  readonly pairs: readonly { readonly near: string; readonly far: string }[]
}

/** An implicit many-to-many relation: the pairs stand in a table of their own. */
export interface JoinLink {
  readonly kind: 'join'
  readonly near: Model
  readonly far: Model
  readonly table: JoinTable
  readonly nearColumn: 'A' | 'B'
  readonly farColumn: 'A' | 'B'
  /** Columns of the two models that `A` and `B` refer to. */
  readonly nearKey: string
  readonly farKey: string
}

export type Link = KeyLink | JoinLink

/**
 * The link behind a relation field.
 * @throws WritebackError `CONFIG_INVALID` when the data model has no other end for it
 */
export function linkOf(dataModel: DataModel, near: Model, field: RelationField): Link {
  const far = dataModel.models[field.type]
  if (!far) throw broken(near, field)
  if (field.from.length > 0) {
    return { kind: 'holds', near, far, pairs: pairs(near, field.from, far, field.to) }
  }
  const table = dataModel.joinTables.find(
    (one) =>
      (one.a === near.name && one.aField === field.name) ||
      (one.b === near.name && one.bField === field.name),
  )
  if (table) return joinLink(near, far, table, field)
  const opposite = Object.values(far.fields).find(
    (one): one is RelationField =>
      one.kind === 'relation' &&
      // A relation's name is its own between two models alone.
      one.type === near.name &&
      one.relation === field.relation &&
      one.from.length > 0,
  )
  if (!opposite) throw broken(near, field)
  return { kind: 'held', near, far, pairs: pairs(near, opposite.to, far, opposite.from) }
}

/**
 * The column behind a field with a value of its own.
 * @throws WritebackError `CONFIG_INVALID` for a relation, or a field the model does not have
 */
export function columnOf(model: Model, name: string): string {
  const field = model.fields[name]
  if (field === undefined || field.kind === 'relation') {
    throw new WritebackError('CONFIG_INVALID', {
      problem: `${model.name}.${name} has no column`,
      expected: 'a field with a value of its own',
      got: field?.kind ?? 'no such field',
      remedy: 'Run prisma generate',
    })
  }
  return field.column
}

/** Columns that tell a model's rows apart. */
export function identifyingColumns(model: Model): readonly string[] {
  return keyFields(model).map((name) => columnOf(model, name))
}

function joinLink(near: Model, far: Model, table: JoinTable, field: RelationField): JoinLink {
  const nearIsA = table.a === near.name && table.aField === field.name
  return {
    kind: 'join',
    near,
    far,
    table,
    nearColumn: nearIsA ? 'A' : 'B',
    farColumn: nearIsA ? 'B' : 'A',
    // Prisma allows implicit many-to-many relations between models with one id field alone.
    nearKey: columnOf(near, near.primaryKey[0] ?? ''),
    farKey: columnOf(far, far.primaryKey[0] ?? ''),
  }
}

function pairs(near: Model, nearFields: readonly string[], far: Model, farFields: readonly string[]) {
  return nearFields.map((name, at) => ({
    near: columnOf(near, name),
    far: columnOf(far, farFields[at] ?? ''),
  }))
}

function broken(model: Model, field: RelationField): WritebackError {
  return new WritebackError('CONFIG_INVALID', {
    problem: `relation ${model.name}.${field.name} has no other end in the data model`,
    expected: `a model ${field.type} with the relation ${field.relation}`,
    remedy: 'Run prisma generate',
  })
}
