import { quoteTable } from '../../database/quote.ts'
import { messageOf } from '../../errors.ts'
import { PrismaReader } from '../../source/prisma-reader.ts'
import { Sight } from '../../source/sight.ts'
import { isUnsure, type QuantityBase, shownBase } from '../merge/delta.ts'
import type { EntryComparison, OperatorServices, ShownValue } from '../operator.ts'
import { fieldsOf } from './fields.ts'
import { type Base, isSettled } from './merge-record.ts'
import { remoteOf } from './remote.ts'
import { type ApiTarget, isQuantity, type PlaceFields } from './target.ts'

/**
 * Reads a record, what the outside system has of it, and its base, and puts them side by side. One call of `get`.
 * @throws what the call failed with
 */
export async function showRecord(
  { sql, schemas, dataModel }: OperatorServices,
  client: object,
  target: ApiTarget,
  id: string,
): Promise<EntryComparison> {
  const reader = new PrismaReader(client, dataModel, new Sight(client, sql, dataModel))
  const [answer, { records, failed }, [stored]] = await Promise.all([
    remoteOf(target, new AbortController().signal).get(id),
    reader.read(target, [id]),
    sql.query<{ base: Base; intended: object | null }>(
      `select base, intended from ${quoteTable(schemas.library, 'sync_record')}
       where target = $1 and record_key = $2`,
      [target.name, id],
    ),
  ])
  if (!answer.ok) {
    const { problem } = answer
    throw problem.kind === 'lane' ? problem.failure : new Error(problem.reason)
  }
  const failure = failed.get(id)
  if (failure) throw failure
  const record = records.get(id)
  const { wanted, problem } = wantedOf(target, record)
  const place = answer.value?.fields
  const base = stored && Object.keys(stored.base).length > 0 ? stored.base : undefined
  // What the outside system has besides is its own.
  const names = Object.keys(wanted ?? base ?? place ?? {})
  return {
    target: target.name,
    record: id,
    entry: answer.value ? 'the outside system' : null,
    inDatabase: record !== undefined,
    hasBase: base !== undefined,
    note: stored?.intended ? 'the answer of a write is not known yet: the next attempt finds out' : null,
    columns: names.map((header) => ({
      header,
      base: base && shown(baseOf(target, header, base[header])),
      database: wanted && shown(wanted[header]),
      place: place && shown(place[header]),
      problem,
    })),
  }
}

function wantedOf(
  target: ApiTarget,
  record: object | undefined,
): { readonly wanted: PlaceFields | undefined; readonly problem: string | null } {
  try {
    return { wanted: record && fieldsOf(target, record), problem: null }
  } catch (error) {
    return { wanted: undefined, problem: messageOf(error) }
  }
}

/** Of a quantity, the database's that the place has got; of others what both sides agreed on. */
function baseOf(target: ApiTarget, name: string, base: unknown): unknown {
  if (isQuantity(target, name)) {
    const known = base as QuantityBase | undefined
    return isUnsure(known) ? shownBase(known.unsure) : shownBase(known)
  }
  return isSettled(base) ? base.kept : base
}

function shown(value: unknown): ShownValue {
  if (value === undefined || value === null) return null
  return typeof value === 'object' ? JSON.stringify(value) : (value as ShownValue)
}
