import type { DataModel, Model } from '../../model/data-model.ts'
import { ALL, allBut, type Columns, NONE, only, united } from './columns.ts'
import { columnOf } from './links.ts'

/** What a target reads of a model's records, and of the records they lead to. */
export interface Shown {
  readonly columns: Columns
  /** By relation field. */
  readonly relations: ReadonlyMap<string, Shown>
}

const NOTHING: Shown = { columns: NONE, relations: new Map() }
const EVERYTHING: Shown = { columns: ALL, relations: new Map() }

/** Arguments that decide which related records are shown, and in which order. */
const RESTRICTIONS = ['where', 'orderBy', 'distinct', 'cursor', 'take', 'skip']

/** Keys of a filter that stay with the same model. */
const FILTER_WRAPPERS = new Set(['AND', 'OR', 'NOT', 'is', 'isNot', 'some', 'every', 'none'])

/**
 * What the arguments of a query (`include`, `select`, `omit`, `where`, ...) read.
 *
 * Filters are not evaluated: a record that a `where` leaves out is treated as shown, because the change
 * itself may be what takes it in or out. So the outcome may be more than the query reads, never less.
 *
 * @param args arguments of a query of `model`; `true` stands for none
 */
export function shownBy(dataModel: DataModel, model: Model, args: unknown): Shown {
  if (!isObject(args)) return EVERYTHING
  const { include, select, omit, where, orderBy } = args
  const selected = isObject(select) ? select : undefined
  const restricted = RESTRICTIONS.some((name) => args[name] !== undefined)
  let shown: Shown = {
    columns: restricted ? ALL : selected ? chosen(model, selected) : readColumns(model, omit),
    relations: new Map(),
  }
  for (const [name, inner] of Object.entries({ ...(isObject(include) ? include : {}), ...selected })) {
    if (inner === undefined || inner === false || inner === null) continue
    shown =
      name === '_count'
        ? merged(shown, countedBy(dataModel, model, inner))
        : withRelation(shown, dataModel, model, name, (related) => shownBy(dataModel, related, inner))
  }
  return merged(merged(shown, filteredBy(dataModel, model, where)), filteredBy(dataModel, model, orderBy))
}

/** The two together. */
function merged(one: Shown, other: Shown): Shown {
  const relations = new Map(one.relations)
  for (const [name, shown] of other.relations) {
    const present = relations.get(name)
    relations.set(name, present ? merged(present, shown) : shown)
  }
  return { columns: united(one.columns, other.columns), relations }
}

function withRelation(
  shown: Shown,
  dataModel: DataModel,
  model: Model,
  name: string,
  inner: (related: Model) => Shown,
): Shown {
  const field = model.fields[name]
  const related = field?.kind === 'relation' ? dataModel.models[field.type] : undefined
  if (!related) return shown
  return merged(shown, { columns: NONE, relations: new Map([[name, inner(related)]]) })
}

/** `_count` needs to know which records are linked, and with a filter what is in them. */
function countedBy(dataModel: DataModel, model: Model, args: unknown): Shown {
  const selected = isObject(args) && isObject(args.select) ? args.select : undefined
  const lists = Object.values(model.fields).filter((field) => field.kind === 'relation' && field.isList)
  let shown = NOTHING
  for (const { name } of lists) {
    const counted = selected ? selected[name] : true
    if (!counted) continue
    shown = withRelation(shown, dataModel, model, name, (related) =>
      isObject(counted) && counted.where !== undefined
        ? merged(EVERYTHING, filteredBy(dataModel, related, counted.where))
        : NOTHING,
    )
  }
  return shown
}

/** Relations that a `where` or an `orderBy` looks through. */
function filteredBy(dataModel: DataModel, model: Model, filter: unknown): Shown {
  if (Array.isArray(filter)) {
    return filter.reduce<Shown>((shown, one) => merged(shown, filteredBy(dataModel, model, one)), NOTHING)
  }
  if (!isObject(filter)) return NOTHING
  let shown = NOTHING
  for (const [name, inner] of Object.entries(filter)) {
    shown = FILTER_WRAPPERS.has(name)
      ? merged(shown, filteredBy(dataModel, model, inner))
      : withRelation(shown, dataModel, model, name, (related) =>
          merged(EVERYTHING, filteredBy(dataModel, related, inner)),
        )
  }
  return shown
}

/** All that a query without `select` reads, but for what it omits: a computed column may look at any of it. */
function readColumns(model: Model, omit: unknown): Columns {
  if (!isObject(omit)) return ALL
  const fields = Object.values(model.fields).filter(({ name }) => omit[name] === true)
  return allBut(fields.flatMap((field) => (field.kind === 'relation' ? [] : [field.column])))
}

function chosen(model: Model, select: Record<string, unknown>): Columns {
  const names = Object.keys(select).filter((name) => {
    const kind = model.fields[name]?.kind
    return select[name] === true && (kind === 'scalar' || kind === 'enum')
  })
  return only(names.map((name) => columnOf(model, name)))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
