import type { DataModel } from '../../model/data-model.ts'
import { assertIdentifiable, isRecordId } from '../../model/record-id.ts'
import type { Target } from '../../model/target.ts'
import type { ComparedPage, CompareOptions } from '../target.ts'
import type { DocumentContext } from './context.ts'
import { canonicalJson } from './fingerprint.ts'
import type { DocumentPlace, PlaceEntry } from './place.ts'

const DEFAULT_PAGE_ROWS = 2_000

/**
 * Compares a place with its records. What it does not show as it should is forgotten, so that it is sent again although
 * the record is as it was. A place that cannot be listed is compared with what is stored of it.
 *
 * What was written since the place was asked is not forgotten: the place may have answered before.
 */
export async function* compareDocuments<T extends Target>(
  context: DocumentContext,
  dataModel: DataModel,
  place: DocumentPlace<T>,
  target: T,
  { pageRows = DEFAULT_PAGE_ROWS, signal = new AbortController().signal }: CompareOptions = {},
): AsyncGenerator<ComparedPage> {
  const { sql, store, reader } = context
  const model = assertIdentifiable(dataModel, target.model)
  const seen = new Set<string>()
  const start = await store.now(sql)
  let asked = start
  const entries = place.list?.(target, pageRows, signal) ?? store.entries(sql, target.name, pageRows)
  for await (const page of entries) {
    signal.throwIfAborted()
    const own = page.filter((one) => !one.isForeign && isRecordId(model, one.id, dataModel.enums))
    const duplicates: string[] = []
    const first = own.filter(({ id }) => {
      if (!seen.has(id)) return seen.add(id)
      duplicates.push(id)
      return false
    })
    const ids = first.map(({ id }) => id)
    const { records, failed } = await reader.read(target, ids)
    const unreadable = ids.filter((id) => failed.has(id))
    const { comparison } = place
    const stored = comparison ? await store.load(sql, target.name, ids) : undefined
    const gone = ids.filter((id) => !records.has(id) && !failed.has(id))
    const surplus = comparison ? gone.filter((id) => comparison.isSurplus(target, stored?.get(id))) : gone
    const differs = first.filter((entry) => {
      const record = records.get(entry.id)
      if (!comparison || record === undefined) return differsFrom(place, target, entry, record)
      return comparison.differs(target, record, entry, stored?.get(entry.id))
    })
    const wrong = [...surplus, ...differs.map(({ id }) => id)]
    await store.doubt(sql, target.name, wrong, asked)
    const others = gone.length - surplus.length
    yield {
      rows: own.length - others,
      ids,
      differs: differs.map(({ id }) => id),
      surplus,
      unreadable,
      duplicates,
      unknown: page.length - own.length + others,
    }
    asked = await store.now(sql)
  }
  // What is stored as written and does not stand there is sent again.
  if (place.list) await store.doubtOthers(sql, target.name, [...seen], start)
}

function differsFrom<T extends Target>(
  place: DocumentPlace<T>,
  target: T,
  entry: PlaceEntry,
  record: object | undefined,
): boolean {
  if (record === undefined || entry.document === undefined) return false
  try {
    return canonicalJson(place.show(target, record).document) !== canonicalJson(entry.document)
  } catch {
    // Its job fails, and says why.
    return true
  }
}
