import type { DataModel, Model, RelationField } from '../../src/model/data-model.ts'

/** Relation fields of a model. */
export function relations(model: Model): RelationField[] {
  return Object.values(model.fields).filter((field): field is RelationField => field.kind === 'relation')
}

/** Relations of a model by whose columns it refers to others. */
export function foreignKeys(model: Model): RelationField[] {
  return relations(model).filter((field) => field.from.length > 0)
}

/** The field at the other end of a relation. */
export function oppositeOf(dataModel: DataModel, model: Model, field: RelationField): RelationField | null {
  const related = dataModel.models[field.type]
  return (related && relations(related).find((one) => isOpposite(one, field, model))) ?? null
}

/** Whether `one` is the other end of `field`, a field of `model`. */
function isOpposite(one: RelationField, field: RelationField, model: Model): boolean {
  if (one.relation !== field.relation || one.type !== model.name) return false
  // Of a model's relation with itself both ends are here; they differ in who holds the key, or by their names.
  return one.from.length > 0 !== field.from.length > 0 || one.name !== field.name
}

/** A relation, and those that share a column with it, directly or by way of another. */
export function sharing(model: Model, field: RelationField): RelationField[] {
  const found = new Set([field])
  for (const one of found) {
    for (const other of foreignKeys(model)) {
      if (other.from.some((name) => one.from.includes(name))) found.add(other)
    }
  }
  return [...found]
}
