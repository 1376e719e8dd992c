import { messageOf } from '../../errors.ts'
import { PrismaReader } from '../../source/prisma-reader.ts'
import { Sight } from '../../source/sight.ts'
import { canonicalJson } from '../documents/fingerprint.ts'
import { DocumentStore } from '../documents/store.ts'
import type { EntryComparison, OperatorServices, ShownValue } from '../operator.ts'
import type { PlainDocument } from './document.ts'
import { searchPlace } from './engines.ts'
import type { SearchTarget } from './target.ts'

/**
 * Reads a record and its document in the index, and puts them side by side, field by field.
 * @throws what the engine's client throws
 */
export async function showDocument(
  { sql, schemas, dataModel }: OperatorServices,
  client: object,
  target: SearchTarget,
  id: string,
): Promise<EntryComparison> {
  const place = searchPlace(target)
  const store = new DocumentStore(schemas.library)
  const [stands, { records, failed }, stored] = await Promise.all([
    place.read(id),
    new PrismaReader(client, dataModel, new Sight(client, sql, dataModel)).read(target, [id]),
    store.load(sql, target.name, [id]),
  ])
  const failure = failed.get(id)
  if (failure) throw failure
  const record = records.get(id)
  let made: PlainDocument | undefined
  let problem: string | null = null
  try {
    made = record && (place.show(target, record).document as PlainDocument)
  } catch (error) {
    problem = messageOf(error)
  }
  const hash = stored.get(id)?.hash
  const fields = new Set([...Object.keys(made ?? {}), ...Object.keys(stands ?? {})])
  return {
    target: target.name,
    record: id,
    entry: stands ? `a document of index ${target.index}` : null,
    inDatabase: record !== undefined,
    hasBase: hash !== undefined && hash !== null && hash !== 'removed',
    columns: [...fields].map((header) => ({
      header,
      base: undefined,
      database: shown(made, header),
      place: shown(stands, header),
      problem: null,
    })),
    note: problem && `no document can be made of the record: ${problem}`,
  }
}

function shown(document: PlainDocument | undefined, field: string): ShownValue | undefined {
  const value = document?.[field]
  if (value === undefined || value === null || typeof value === 'boolean') return value
  return typeof value === 'string' || typeof value === 'number' ? value : canonicalJson(value)
}
