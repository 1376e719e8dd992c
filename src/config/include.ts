import type { DataModel, Model } from '../model/data-model.ts'

/**
 * The first name in a target's `include`, at any depth, that is no relation of its model (or, in a `select`,
 * no field at all); null when every one is.
 *
 * @param include Prisma's `include`
 * @returns the path of the name, `items.departure.nam`
 */
export function unknownInInclude(dataModel: DataModel, model: Model, include: unknown): string | null {
  return firstUnknown(dataModel, model, include, false)
}

function firstUnknown(
  dataModel: DataModel,
  model: Model,
  selection: unknown,
  scalarsToo: boolean,
): string | null {
  if (typeof selection !== 'object' || selection === null) return null
  for (const [name, value] of Object.entries(selection)) {
    if (name === '_count') continue
    const field = model.fields[name]
    if (field === undefined || (field.kind !== 'relation' && !scalarsToo)) return name
    const related = field.kind === 'relation' ? dataModel.models[field.type] : undefined
    if (!related || typeof value !== 'object' || value === null) continue
    const { include, select } = value as { include?: unknown; select?: unknown }
    const inner =
      firstUnknown(dataModel, related, include, false) ?? firstUnknown(dataModel, related, select, true)
    if (inner !== null) return `${name}.${inner}`
  }
  return null
}

/**
 * The first entry of a target's `include`, at any depth, that Prisma would refuse at every read: neither true, false nor
 * an object, or with `include` and `select` side by side; null when there is none.
 *
 * @returns its path, `items.departure`
 */
export function unusableInInclude(include: unknown): string | null {
  if (typeof include !== 'object' || include === null) return null
  for (const [name, value] of Object.entries(include)) {
    if (value === undefined || typeof value === 'boolean') continue
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return name
    const inner = value as { include?: unknown; select?: unknown }
    if (inner.include && inner.select) return name
    const below =
      name === '_count' ? null : (unusableInInclude(inner.include) ?? unusableInInclude(inner.select))
    if (below !== null) return `${name}.${below}`
  }
  return null
}
