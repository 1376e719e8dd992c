import type { Model } from '../../model/data-model.ts'
import { encodeRecordId } from '../../model/record-id.ts'
import { type ColumnValues, columnValues } from './column-values.ts'
import { whereCrossed } from './crossed.ts'
import { crossing, type Reach, type Touch } from './reach.ts'
import { type Pairs, type Row, type RowQuery, rowKey } from './rows.ts'
import type { Tracked, TrackedTable } from './tracked.ts'
import type { TransactionReader } from './transaction-reader.ts'
import { isUsableWhere } from './usable-values.ts'
import type { Values } from './written.ts'

/** A record as Prisma Client answers with it. */
export type PrismaRecord = Readonly<Record<string, unknown>>

/** What was there before a write, as far as the write can change it. */
export interface Before {
  /** The records of the write's own model, or null where they were not read. */
  readonly roots: readonly PrismaRecord[] | null
  /** The records that were linked through a touched relation. */
  readonly touched: ReadonlyMap<Touch, readonly Row[]>
  /** Other rows that may change: named by the arguments, linked by join tables, taken along by deletes. */
  readonly others: readonly Row[]
}

export const NOTHING_BEFORE: Before = { roots: null, touched: new Map(), others: [] }

/** Which records of its own model a write concerns. */
export type Scope =
  | { readonly kind: 'none' }
  /** Prisma's condition for one record by a unique key. */
  | { readonly kind: 'one'; readonly where: unknown }
  | { readonly kind: 'many'; readonly where: unknown; readonly take: number | undefined }

/** What to read before a write. */
export interface BeforePlan {
  readonly model: Model
  readonly scope: Scope
  readonly reach: Reach
  /** Whether the records of the scope are deleted, with something that matters. */
  readonly deletes: boolean
}

/** Reads what the write may change, in its transaction. */
export async function readBefore(
  tracked: Tracked,
  reader: TransactionReader,
  plan: BeforePlan,
): Promise<Before> {
  const { model, scope, reach } = plan
  const collected = new Collected(tracked)
  const roots = await readRoots(tracked, reader, plan)
  for (const root of roots ?? []) collected.root(model, root, reach.touches)
  for (const { model: named, touch, wheres } of grouped(reach.named)) {
    const touches = touch?.touches ?? []
    const select = selectTree(tracked, named, touches)
    for (const record of await readNamed(tracked, reader, named, wheres, select)) {
      // What will be linked can be changed and deleted as if it was.
      const rows = touch ? collected.rowsUnder(touch) : collected.others
      rows.push(collected.row(named, record))
      collected.linked(record, touches)
    }
  }
  for (const touch of crossing(reach.touches)) {
    const where = whereCrossed(touch.crossed, collected.records(touch.far))
    if (where === null) continue
    const select = selectTree(tracked, touch.far, touch.touches)
    for (const record of await readNamed(tracked, reader, touch.far, [where], select)) {
      collected.rowsUnder(touch).push(collected.row(touch.far, record))
      collected.linked(record, touch.touches)
    }
  }
  const doomed = plan.deletes ? (roots ?? []).map((root) => collected.row(model, root)) : []
  for (const [touch, rows] of collected.touched) if (touch.deletes) doomed.push(...rows)
  collected.others.push(...(await takenAlong(tracked, reader, doomed)))
  return { roots: scope.kind === 'none' ? null : roots, touched: collected.touched, others: collected.others }
}

async function readRoots(
  tracked: Tracked,
  reader: TransactionReader,
  { model, scope, reach }: BeforePlan,
): Promise<readonly PrismaRecord[] | null> {
  if (scope.kind === 'none') return null
  const select = selectTree(tracked, model, reach.touches)
  if (scope.kind === 'one') {
    const found = await reader.findOne(model, { where: scope.where, select })
    return found === null ? [] : [found]
  }
  const take = scope.take === undefined ? {} : { take: scope.take }
  return reader.find(model, { where: scope.where, select, ...take })
}

/** The records that the arguments name. What Postgres may refuse is asked apart: a write that uses it is refused too. */
async function readNamed(
  { dataModel }: Tracked,
  reader: TransactionReader,
  model: Model,
  wheres: readonly Values[],
  select: object,
): Promise<readonly PrismaRecord[]> {
  const usable = wheres.filter((where) => isUsableWhere(dataModel, model, where))
  const records = usable.length > 0 ? [...(await reader.find(model, { where: { OR: usable }, select }))] : []
  for (const where of wheres) {
    if (!usable.includes(where)) records.push(...(await reader.findUnlessRefused(model, { where, select })))
  }
  return records
}

/** The select of a record with what is linked to it and may change. */
function selectTree(tracked: Tracked, model: Model, touches: readonly Touch[]): Record<string, unknown> {
  const select: Record<string, unknown> = chosen(tracked.table(model).fields)
  for (const { field, far, before, touches: further } of touches) {
    if (before.length === 0) continue
    const where = before === 'all' ? {} : { where: { OR: before } }
    select[field.name] = { select: selectTree(tracked, far, further), ...where }
  }
  return select
}

/** Gathers the rows of a tree of records by the relation that leads to them. */
class Collected {
  readonly touched = new Map<Touch, Row[]>()
  readonly others: Row[] = []
  readonly #records = new Map<Model, PrismaRecord[]>()
  readonly #tracked: Tracked

  constructor(tracked: Tracked) {
    this.#tracked = tracked
  }

  rowsUnder(touch: Touch): Row[] {
    const rows = this.touched.get(touch) ?? []
    this.touched.set(touch, rows)
    return rows
  }

  /** All records of a model that were gathered. */
  records(model: Model): readonly PrismaRecord[] {
    return this.#records.get(model) ?? []
  }

  root(model: Model, record: PrismaRecord, touches: readonly Touch[]): void {
    this.#keep(model, record)
    this.linked(record, touches)
  }

  linked(near: PrismaRecord, touches: readonly Touch[]): void {
    for (const touch of touches) {
      const { field, far, link } = touch
      const records = [near[field.name] ?? []].flat() as PrismaRecord[]
      const rows = this.rowsUnder(touch)
      for (const record of records) {
        const row = this.row(far, record)
        rows.push(row)
        if (link.kind === 'join') {
          const nearValues = this.#values(link.near, near)
          this.others.push({
            table: this.#tracked.joinTable(link.table),
            id: null,
            values: {
              [link.nearColumn]: nearValues[link.nearKey] ?? null,
              [link.farColumn]: row.values[link.farKey] ?? null,
            },
          })
        }
        this.linked(record, touch.touches)
      }
    }
  }

  row(model: Model, record: PrismaRecord): Row {
    this.#keep(model, record)
    const table = this.#tracked.table(model)
    const id = table.own.length > 0 ? encodeRecordId(model, record) : null
    return { table, values: this.#values(model, record), id }
  }

  #keep(model: Model, record: PrismaRecord): void {
    const records = this.#records.get(model)
    if (records) records.push(record)
    else this.#records.set(model, [record])
  }

  #values(model: Model, record: PrismaRecord): ColumnValues {
    return columnValues(this.#tracked.dataModel, model, this.#tracked.table(model).fields, record)
  }
}

/**
 * What the database deletes or changes along with deleted rows, at any depth. Each level is locked before the
 * next is read: nobody can add a row that refers to a locked one, so that none is overlooked.
 */
async function takenAlong(
  tracked: Tracked,
  reader: TransactionReader,
  doomed: readonly Row[],
): Promise<readonly Row[]> {
  const found = new Map<string, Row>()
  let level = distinct(doomed).filter(({ table }) => table.model && tracked.takesAlong(table.model))
  // A row may refer to deleted ones by several keys, and only one of them takes it along.
  const gone = new Set(level.map(rowKey))
  if (level.length === 0) return []
  await reader.rows(
    byTable(level).map(([table, rows]) => ({ table, by: { kind: 'same' }, from: values(rows), lock: true })),
  )
  while (level.length > 0) {
    const queries: RowQuery[] = []
    const cascades: boolean[] = []
    for (const [table, rows] of byTable(level)) {
      for (const reference of tracked.references(table.model as Model)) {
        const further = reference.table.model !== null && tracked.takesAlong(reference.table.model)
        if (!tracked.matters(reference.table) && !further) continue
        const pairs: Pairs = reference.pairs
        queries.push({
          table: reference.table,
          by: { kind: 'linked', pairs },
          from: values(rows),
          lock: true,
        })
        cascades.push(reference.onDelete === 'Cascade' && further)
      }
    }
    const next: Row[] = []
    for (const row of await reader.rows(queries)) {
      const key = rowKey(row)
      if (!found.has(key)) found.set(key, row)
      if (!cascades[row.query] || gone.has(key)) continue
      gone.add(key)
      next.push(row)
    }
    level = next
  }
  return [...found.values()]
}

/** Named records of one model that are linked by the same relation are read together. */
function grouped(named: Reach['named']) {
  const groups: { model: Model; touch: Touch | null; wheres: Values[] }[] = []
  for (const { model, touch, where } of named) {
    const group = groups.find((one) => one.model === model && one.touch === touch)
    if (group) group.wheres.push(where)
    else groups.push({ model, touch, wheres: [where] })
  }
  return groups
}

function byTable(rows: readonly Row[]): [TrackedTable, Row[]][] {
  const tables = new Map<TrackedTable, Row[]>()
  for (const row of rows) tables.set(row.table, [...(tables.get(row.table) ?? []), row])
  return [...tables]
}

function distinct(rows: readonly Row[]): Row[] {
  return [...new Map(rows.map((row) => [rowKey(row), row])).values()]
}

function values(rows: readonly Row[]): ColumnValues[] {
  return rows.map((row) => row.values)
}

function chosen(fields: readonly string[]): Record<string, true> {
  return Object.fromEntries(fields.map((name) => [name, true]))
}
