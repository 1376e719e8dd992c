import { timesOf } from '../config/conflict.ts'
import type { SheetTarget } from '../config/target.ts'
import type { DataModel, Model } from '../model/data-model.ts'
import { delegateName } from '../model/delegate-name.ts'
import { assertIdentifiable, encodeRecordId, whereIds } from '../model/record-id.ts'

/** What is used of a Prisma client here: the delegates, found by name. */
export type ReadableClient = object

interface Delegate {
  findMany(args: object): Promise<Record<string, unknown>[]>
}

type RecordOfModel = Readonly<Record<string, unknown>>

/** Records that one query may name: Postgres takes 65,535 parameters, a compound key uses several. */
const IDS_PER_QUERY = 5_000

/** Reads the records of targets as they are now. */
export class PrismaReader {
  readonly #client: ReadableClient
  readonly #dataModel: DataModel

  constructor(client: ReadableClient, dataModel: DataModel) {
    this.#client = client
    this.#dataModel = dataModel
  }

  /**
   * Reads records by id.
   * @returns the records by their encoded id; one that is missing has been deleted, or the target's filter
   * leaves it out
   * @throws WritebackError `RECORD_ID_INVALID` when an id is none of the target's model
   */
  async read(target: SheetTarget, ids: readonly string[]): Promise<ReadonlyMap<string, RecordOfModel>> {
    const model = assertIdentifiable(this.#dataModel, target.model)
    const found = new Map<string, RecordOfModel>()
    for (let at = 0; at < ids.length; at += IDS_PER_QUERY) {
      const where = whereIds(model, ids.slice(at, at + IDS_PER_QUERY))
      const records = await this.#delegate(model).findMany({ where, ...selection(target, model) })
      this.#collect(target, model, records, found)
    }
    return found
  }

  /**
   * Reads all records of a target in the order of their ids, a page at a time.
   * @param pageSize records in a page, at most
   */
  async *pages(target: SheetTarget, pageSize: number): AsyncGenerator<ReadonlyMap<string, RecordOfModel>> {
    const model = assertIdentifiable(this.#dataModel, target.model)
    const orderBy = model.primaryKey.map((name) => ({ [name]: 'asc' }))
    let cursor: object | undefined
    for (;;) {
      const records = await this.#delegate(model).findMany({
        ...selection(target, model),
        orderBy,
        take: pageSize,
        ...(cursor && { cursor, skip: 1 }),
      })
      const last = records.at(-1)
      if (last === undefined) return
      const page = new Map<string, RecordOfModel>()
      this.#collect(target, model, records, page)
      yield page
      if (records.length < pageSize) return
      cursor = uniqueWhere(model, last)
    }
  }

  #collect(
    target: SheetTarget,
    model: Model,
    records: readonly RecordOfModel[],
    into: Map<string, RecordOfModel>,
  ): void {
    for (const record of records) {
      if (target.filter && !target.filter(record as never)) continue
      into.set(encodeRecordId(model, record), record)
    }
  }

  #delegate(model: Model): Delegate {
    return (this.#client as Record<string, Delegate>)[delegateName(model.name)] as Delegate
  }
}

/** Only the fields that columns show, unless a function may look at any of them. */
function selection(target: SheetTarget, model: Model): object {
  const fields = target.columns.map((column) => column.field)
  // What a strategy compares is read as well.
  const times = [target.conflict, ...target.columns.map((column) => column.conflict)].flatMap(
    (strategy) => timesOf(strategy)?.field ?? [],
  )
  if (target.filter || fields.includes(undefined)) return target.include ? { include: target.include } : {}
  return {
    select: Object.fromEntries([...model.primaryKey, ...fields, ...times].map((name) => [name, true])),
  }
}

function uniqueWhere(model: Model, record: RecordOfModel): object {
  const key = Object.fromEntries(model.primaryKey.map((name) => [name, record[name]]))
  return model.primaryKey.length === 1 ? key : { [model.primaryKeyName ?? model.primaryKey.join('_')]: key }
}
