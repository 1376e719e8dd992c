import type { SheetTarget } from '../config/target.ts'
import type { DataModel, Model, RelationField } from '../model/data-model.ts'
import type { HookCall } from './seam.ts'

/** An effect of a write on records that a tab shows, which the extension does not see. */
export interface Unfollowed {
  /** Model whose records may have changed. */
  readonly model: string
  /** What the write does to them, for the message. */
  readonly because: string
}

/** Keys of a nested write that do something to the related records or to the link. */
const NESTED = new Set([
  'create',
  'createMany',
  'connect',
  'connectOrCreate',
  'disconnect',
  'set',
  'update',
  'updateMany',
  'upsert',
  'delete',
  'deleteMany',
])

/**
 * The models whose records a tab shows: those of the targets, and those that a target's `include` reads.
 */
export function shownModels(dataModel: DataModel, targets: readonly SheetTarget[]): ReadonlySet<string> {
  const shown = new Set<string>()
  for (const target of targets) {
    shown.add(target.model)
    addIncluded(dataModel, target.model, target.include, shown)
  }
  return shown
}

/**
 * What a write does beyond the records of its own model, by nested writes and by the referential actions of
 * the database.
 *
 * @param shown see {@link shownModels}
 */
export function unfollowedEffects(
  dataModel: DataModel,
  shown: ReadonlySet<string>,
  call: HookCall,
): Unfollowed[] {
  const model = dataModel.models[call.model ?? '']
  if (!model) return []
  const found = new Map<string, Unfollowed>()
  const add = (one: Unfollowed) => shown.has(one.model) && found.set(`${one.model} ${one.because}`, one)
  for (const data of [call.args?.data, call.args?.create, call.args?.update])
    nested(dataModel, model, data, add)
  if (call.operation === 'delete' || call.operation === 'deleteMany') {
    for (const one of deletedWith(dataModel, model)) add(one)
  }
  return [...found.values()]
}

/** The models whose tables a raw statement that writes names. */
export function unfollowedRaw(
  dataModel: DataModel,
  shown: ReadonlySet<string>,
  call: HookCall,
): Unfollowed[] {
  const sql = rawText(call.args)
  if (!/\b(insert|update|delete|merge|truncate|copy)\b/i.test(sql)) return []
  const words = new Set(sql.match(/[\w$]+/g) ?? [])
  return [...shown]
    .filter((name) => {
      const table = dataModel.models[name]?.table ?? name
      return words.has(table) || words.has(table.toLowerCase())
    })
    .map((model) => ({ model, because: 'raw SQL' }))
}

function nested(dataModel: DataModel, model: Model, data: unknown, add: (one: Unfollowed) => void): void {
  if (Array.isArray(data)) {
    for (const one of data) nested(dataModel, model, one, add)
    return
  }
  if (typeof data !== 'object' || data === null) return
  for (const [name, value] of Object.entries(data)) {
    const field = model.fields[name]
    if (field?.kind !== 'relation' || typeof value !== 'object' || value === null) continue
    const related = dataModel.models[field.type]
    for (const [key, inner] of Object.entries(value)) {
      if (!NESTED.has(key) || inner === undefined) continue
      if (!justRefers(field, key)) {
        add({ model: field.type, because: `a nested ${key} through ${model.name}.${name}` })
        if (joins(dataModel, field))
          add({ model: model.name, because: `a nested ${key} of ${model.name}.${name}` })
      }
      if (related) nested(dataModel, related, inner, add)
      // update, upsert and connectOrCreate wrap the data of the related record.
      for (const part of [inner].flat()) {
        if (typeof part !== 'object' || part === null || !related) continue
        const wrapped = part as Record<string, unknown>
        for (const wrapper of ['data', 'create', 'update']) nested(dataModel, related, wrapped[wrapper], add)
      }
    }
  }
}

/** Naming another record by the own foreign key changes nothing of the other. */
function justRefers(field: RelationField, key: string): boolean {
  return field.from.length > 0 && (key === 'connect' || key === 'disconnect')
}

function joins(dataModel: DataModel, field: RelationField): boolean {
  return dataModel.joinTables.some((one) => one.relation === field.relation)
}

/** What the database deletes or changes along with a deleted record, at any depth. */
function deletedWith(dataModel: DataModel, deleted: Model): Unfollowed[] {
  const effects: Unfollowed[] = []
  const visited = new Set<string>()
  const visit = (name: string) => {
    if (visited.has(name)) return
    visited.add(name)
    for (const model of Object.values(dataModel.models)) {
      for (const field of Object.values(model.fields)) {
        if (field.kind !== 'relation' || field.type !== name || field.from.length === 0) continue
        if (field.onDelete === 'Cascade') {
          effects.push({ model: model.name, because: `a cascading delete from ${name}` })
          visit(model.name)
        } else if (field.onDelete === 'SetNull' || field.onDelete === 'SetDefault') {
          effects.push({
            model: model.name,
            because: `a delete of ${name} that clears ${model.name}.${field.name}`,
          })
        }
      }
    }
    for (const join of dataModel.joinTables) {
      if (join.a === name) effects.push({ model: join.b, because: `a delete from ${name} that unlinks it` })
      if (join.b === name) effects.push({ model: join.a, because: `a delete from ${name} that unlinks it` })
    }
  }
  visit(deleted.name)
  return effects
}

function addIncluded(dataModel: DataModel, model: string, include: unknown, shown: Set<string>): void {
  if (typeof include !== 'object' || include === null) return
  for (const [name, value] of Object.entries(include)) {
    const field = dataModel.models[model]?.fields[name]
    if (field?.kind !== 'relation' || !value) continue
    shown.add(field.type)
    const inner = value as { include?: unknown; select?: unknown }
    addIncluded(dataModel, field.type, inner.include, shown)
    addIncluded(dataModel, field.type, inner.select, shown)
  }
}

/** The text of a raw statement: `Sql` for the tagged forms, the first argument for the unsafe ones. */
export function rawText(args: unknown): string {
  const first = Array.isArray(args) && !('strings' in args) ? args[0] : args
  if (typeof first === 'string') return first
  const { strings, sql } = (first ?? {}) as { strings?: readonly string[]; sql?: string }
  return strings?.join(' ') ?? sql ?? ''
}
