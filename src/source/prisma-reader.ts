import { isThenable } from '../config/describe.ts'
import type { WritebackError } from '../errors.ts'
import type { DataModel, Model } from '../model/data-model.ts'
import { delegateName } from '../model/delegate-name.ts'
import { assertIdentifiable, decodeRecordId, encodeRecordId, whereKeys } from '../model/record-id.ts'
import type { Target } from '../model/target.ts'
import { type Delegate, positions, type RecordOfModel } from './paging.ts'
import {
  filterFailed,
  filterWaits,
  isOfAllRecords,
  recordUnreadable,
  targetUnreadable,
} from './read-failure.ts'
import type { RecordsRead } from './records-read.ts'
import { recordsHidden, type Sight } from './sight.ts'
import { singleOut } from './single-out.ts'

/** What is used of a Prisma client here: the delegates, found by name. */
export type ReadableClient = object

/** A page of the records of a target. */
export interface PageRead extends RecordsRead {
  /** Records of the page that cannot be read, and not even be named: their id is what cannot be read. */
  readonly unnamed: number
}

/** What was found so far, with the records that the target's filter leaves out. */
interface Found {
  readonly records: Map<string, RecordOfModel>
  readonly failed: Map<string, WritebackError>
  readonly filtered: Set<string>
}

/** Records that one query may name: Postgres takes 65,535 parameters, a compound key uses several. */
const IDS_PER_QUERY = 5_000

/** Hidden records that are asked for again, until the client returns them. */
const HIDDEN_KEPT = 20

/** Reads the records of targets as they are now. */
export class PrismaReader {
  readonly #client: ReadableClient
  readonly #dataModel: DataModel
  readonly #sight: Sight | undefined
  /** Some of the records that the client did not return although they exist, by target. */
  readonly #hidden = new Map<string, readonly string[]>()

  /** @param sight makes sure that the client sees every record; without it the client is believed */
  constructor(client: ReadableClient, dataModel: DataModel, sight?: Sight) {
    this.#client = client
    this.#dataModel = dataModel
    this.#sight = sight
  }

  /**
   * Reads records by id. A record that is said to be gone has been looked for past the client as well.
   * @throws WritebackError `TARGET_UNREADABLE` when no record can be read, `RECORDS_HIDDEN` when the client does not
   * return records that exist
   */
  async read(target: Target, ids: readonly string[]): Promise<RecordsRead> {
    await this.#sight?.assertClear(target)
    const model = assertIdentifiable(this.#dataModel, target.model)
    const found: Found = { records: new Map(), failed: new Map(), filtered: new Set() }
    // Until the client returns what it hid, nothing that it says of any record counts.
    const asked = [...new Set([...ids, ...(this.#hidden.get(target.name) ?? [])])]
    await this.#readIds(target, model, asked, found)
    const unconfirmed = await this.#confirm(target, model, missingFrom(found, asked), found)
    this.#hidden.delete(target.name)
    return { ...found, ...(unconfirmed && { unconfirmed }) }
  }

  async values(model: string, field: string, most: number): Promise<readonly unknown[]> {
    const delegate = this.#delegate({ name: model })
    const records = await delegate.findMany({
      ...{ select: { [field]: true }, orderBy: { [field]: 'asc' }, take: most },
    })
    return records.map((record) => record[field])
  }

  /**
   * Reads all records of a target in the order of their ids, a page at a time.
   * @param pageSize records in a page, at most
   * @throws as {@link read} does
   */
  async *pages(target: Target, pageSize: number): AsyncGenerator<PageRead> {
    await this.read(target, [])
    const model = assertIdentifiable(this.#dataModel, target.model)
    const delegate = this.#delegate(model)
    const page = positions(delegate, model, selection(target, model), pageSize)
    for (;;) {
      const found: Found = { records: new Map(), failed: new Map(), filtered: new Set() }
      const { value, done } = await page.next().catch((error) => {
        throw targetUnreadable(target.name, error)
      })
      if (done) return
      if (value.kind === 'records') this.#collect(target, model, value.records, found)
      else if (value.kind === 'keys') {
        const ids = value.keys.map((key) => encodeRecordId(model, key))
        await this.#readIds(target, model, ids, found)
      }
      yield { ...found, unnamed: value.kind === 'unnamed' ? 1 : 0 }
    }
  }

  /**
   * Looks for records that are said to be gone past the client, and reads those that exist.
   * @returns the records of which nobody else can tell
   */
  async #confirm(
    target: Target,
    model: Model,
    gone: readonly string[],
    found: Found,
  ): Promise<ReadonlySet<string> | undefined> {
    if (gone.length === 0 || this.#sight === undefined) return undefined
    await this.#sight.assertClear(target, 0)
    const present = await this.#sight.present(model, gone)
    if (present === undefined) return new Set(gone)
    // A record may have been made again, under its old id, since it was read.
    await this.#readIds(target, model, [...present], found)
    const hidden = await this.#sight.present(model, missingFrom(found, [...present]))
    if (hidden === undefined || hidden.size === 0) return undefined
    this.#hidden.set(target.name, [...hidden].slice(0, HIDDEN_KEPT))
    throw recordsHidden(model, hidden.size)
  }

  /** Reads records into `found`; those that make a query fail are singled out. */
  async #readIds(target: Target, model: Model, ids: readonly string[], found: Found): Promise<void> {
    const keys = new Map<string, Record<string, unknown>>()
    for (const id of ids) {
      try {
        keys.set(id, decodeRecordId(model, id, this.#dataModel.enums))
      } catch (error) {
        found.failed.set(id, recordUnreadable(error))
      }
    }
    const all = [...keys.keys()]
    for (let at = 0; at < all.length; at += IDS_PER_QUERY) {
      await this.#readSome(target, model, all.slice(at, at + IDS_PER_QUERY), keys, found)
    }
  }

  async #readSome(
    target: Target,
    model: Model,
    ids: readonly string[],
    keys: ReadonlyMap<string, Record<string, unknown>>,
    found: Found,
  ): Promise<void> {
    const shown = selection(target, model)
    const where = (some: readonly string[]) =>
      whereKeys(
        model,
        some.map((id) => keys.get(id) ?? {}),
      )
    try {
      const { results, failed } = await singleOut(
        ids,
        (some) => this.#delegate(model).findMany({ where: where(some), ...shown }),
        isOfAllRecords,
        () => this.#canReadOthers(model, where(ids), shown),
      )
      for (const records of results) this.#collect(target, model, records, found)
      for (const [id, error] of failed) found.failed.set(id, recordUnreadable(error))
    } catch (error) {
      throw targetUnreadable(target.name, error)
    }
  }

  /** Whether a record that is none of these can be read: then what fails with these is their own doing. */
  async #canReadOthers(model: Model, these: object, shown: object): Promise<boolean> {
    for (const order of ['asc', 'desc']) {
      const orderBy = model.primaryKey.map((name) => ({ [name]: order }))
      try {
        await this.#delegate(model).findMany({ where: { NOT: these }, orderBy, take: 1, ...shown })
        return true
      } catch (error) {
        if (isOfAllRecords(error)) return false
      }
    }
    return false
  }

  #collect(target: Target, model: Model, records: readonly RecordOfModel[], found: Found): void {
    for (const record of records) {
      const id = encodeRecordId(model, record)
      try {
        if (isShown(target, record)) found.records.set(id, record)
        else found.filtered.add(id)
      } catch (error) {
        found.failed.set(id, filterFailed(error))
      }
    }
  }

  #delegate(model: Pick<Model, 'name'>): Delegate {
    return (this.#client as Record<string, Delegate>)[delegateName(model.name)] as Delegate
  }
}

function isShown({ filter }: Target, record: RecordOfModel): boolean {
  if (filter === undefined) return true
  const answer: unknown = filter(record as never)
  // A promise would count as true, whatever comes of it; Node ends a process for one that is rejected.
  if (isThenable(answer)) {
    if (answer instanceof Promise) answer.catch(() => {})
    throw filterWaits()
  }
  return Boolean(answer)
}

function missingFrom({ records, failed, filtered }: Found, ids: readonly string[]): string[] {
  return ids.filter((id) => !records.has(id) && !failed.has(id) && !filtered.has(id))
}

/** Only the fields that the target shows, unless a function may look at any of them. */
function selection({ fields, include }: Target, model: Model): object {
  if (fields === undefined) return include ? { include } : {}
  return { select: Object.fromEntries([...model.primaryKey, ...fields].map((name) => [name, true])) }
}
