import type { DataModel, Model } from '../../src/model/data-model.ts'
import { encodeRecordId } from '../../src/model/record-id.ts'
import type { SheetTarget } from '../../src/targets/sheet/config/target.ts'
import { type AnyPrismaClient, delegateName } from './application.ts'
import type { Random } from './random.ts'
import { relations } from './relation-fields.ts'

/** What every record of a target looks like, with what its include reads: text by id. */
export type Snapshot = ReadonlyMap<string, string>

/** A random include of a model, up to three levels deep, with selects, omits, filters and counts. */
export function randomInclude(
  random: Random,
  dataModel: DataModel,
  model: Model,
  depth = 3,
): Record<string, unknown> {
  const include: Record<string, unknown> = {}
  const own = relations(model).filter((field) => dataModel.models[field.type])
  for (const field of random.some(own, 2)) {
    const related = dataModel.models[field.type] as Model
    include[field.name] = related
      ? randomArguments(random, dataModel, related, depth - 1, field.isList)
      : true
  }
  const lists = own.filter((field) => field.isList)
  if (lists.length > 0 && random.chance(0.3)) {
    const counted = random.some(lists, 2)
    if (counted.length > 0)
      include._count = { select: Object.fromEntries(counted.map((field) => [field.name, true])) }
  }
  return include
}

function randomArguments(
  random: Random,
  dataModel: DataModel,
  model: Model,
  depth: number,
  isList: boolean,
): unknown {
  const inner = depth > 0 && random.chance(0.6) ? randomInclude(random, dataModel, model, depth) : {}
  const scalars = Object.values(model.fields).filter(
    (field) => field.kind === 'scalar' || field.kind === 'enum',
  )
  const chosen = Object.fromEntries(random.some(scalars, 3).map((field) => [field.name, true]))
  const filter = isList && random.chance(0.3) ? filterOf(random, dataModel, model) : {}
  if (random.chance(0.5) && Object.keys({ ...chosen, ...inner }).length > 0) {
    return { select: { ...chosen, ...inner }, ...filter }
  }
  const [omitted] = Object.keys(chosen)
  const omit = omitted && scalars.length > 1 && random.chance(0.3) ? { omit: { [omitted]: true } } : {}
  return { ...(Object.keys(inner).length > 0 && { include: inner }), ...omit, ...filter }
}

/** A filter by a value of the record, or of a record it refers to. */
function filterOf(random: Random, dataModel: DataModel, model: Model): Record<string, unknown> {
  const toOne = relations(model).filter((field) => !field.isList)
  const field = random.pick(toOne)
  const related = field && dataModel.models[field.type]
  const condition = (of: Model) => {
    const text = Object.values(of.fields).find(
      (one) => one.kind === 'scalar' && one.type === 'String' && !one.isList && one.nativeType !== 'Uuid',
    )
    return text ? { [text.name]: { lt: 'm' } } : {}
  }
  if (field && related && random.chance(0.5)) return { where: { [field.name]: { is: condition(related) } } }
  return { where: condition(model) }
}

/** The models whose records a target reads: its own, and those of its include. */
export function modelsShown(dataModel: DataModel, target: SheetTarget): ReadonlySet<string> {
  const models = new Set([target.model])
  const walk = (model: string, value: unknown) => {
    for (const [name, inner] of Object.entries(value && typeof value === 'object' ? value : {})) {
      const field = dataModel.models[model]?.fields[name]
      // Between two relations there are `select`, `include`, `where`, `_count` and the like.
      const next = field?.kind === 'relation' ? field.type : model
      models.add(next)
      walk(next, inner)
    }
  }
  walk(target.model, target.include)
  return models
}

/** Reads every record of a target as the worker would. */
export async function snapshot(
  client: AnyPrismaClient,
  dataModel: DataModel,
  target: SheetTarget,
): Promise<Snapshot> {
  const model = dataModel.models[target.model] as Model
  const records: Record<string, unknown>[] = await client[delegateName(model.name)].findMany({
    include: target.include,
  })
  return new Map(records.map((record) => [encodeRecordId(model, record), JSON.stringify(record, canonical)]))
}

/** Ids whose text differs between two snapshots, those of only one included. */
export function differences(before: Snapshot, after: Snapshot): Set<string> {
  const ids = new Set<string>()
  for (const [id, text] of before) if (after.get(id) !== text) ids.add(id)
  for (const id of after.keys()) if (!before.has(id)) ids.add(id)
  return ids
}

/** Related records come in no order; values that JSON has not are written as text. */
function canonical(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return `${value}n`
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (!Array.isArray(value) || typeof value[0] !== 'object') return value
  return value.map((one) => JSON.stringify(one, canonical)).sort()
}
