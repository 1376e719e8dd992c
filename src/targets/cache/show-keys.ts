import { PrismaReader } from '../../source/prisma-reader.ts'
import { Sight } from '../../source/sight.ts'
import { DocumentStore } from '../documents/store.ts'
import type { EntryComparison, FieldComparison, OperatorServices } from '../operator.ts'
import type { CacheTarget } from './config.ts'
import { entriesOf, fromStoredKeys, idKeysOf } from './entries.ts'
import { decodeEnvelope } from './envelope.ts'
import { CacheNames } from './names.ts'
import { connect } from './place.ts'
import { type Redis, within } from './redis/client.ts'

const SHOW_MS = 5_000

/** Puts the keys of a record side by side: which were dropped last, which follow from it now, what stands in Redis. */
export async function showKeys(
  { sql, schemas, dataModel }: OperatorServices,
  client: object,
  target: CacheTarget,
  id: string,
): Promise<EntryComparison> {
  const [{ records, failed }, known] = await Promise.all([
    new PrismaReader(client, dataModel, new Sight(client, sql, dataModel)).read(target, [id]),
    new DocumentStore(schemas.library).load(sql, target.name, [id]),
  ])
  const failure = failed.get(id)
  if (failure) throw failure
  const record = records.get(id)
  const stored = known.get(id)
  const ofId = idKeysOf(target, id)
  const now = record && [...entriesOf(target, record).document.keys, ...ofId]
  const before = stored && [...fromStoredKeys(stored.keys).keys, ...ofId]
  const keys = [...new Set([...(before ?? []), ...(now ?? [])])]
  const redis = connect(target)
  try {
    const names = new CacheNames(target.namespace)
    const places = await within(SHOW_MS, Promise.all(keys.map((key) => lookAt(redis, names, key))))
    return {
      target: target.name,
      record: id,
      entry: keys.length > 0 ? `${keys.length} ${keys.length === 1 ? 'key' : 'keys'} in Redis` : null,
      inDatabase: record !== undefined,
      hasBase: stored !== undefined,
      note: 'transaction ids as Postgres counts them: a value of a snapshot below the fence is not stored',
      columns: keys.map(
        (key, at): FieldComparison => ({
          header: key,
          base: before && (before.includes(key) ? 'dropped' : undefined),
          database: now && (now.includes(key) ? 'follows' : undefined),
          place: places[at],
          problem: null,
        }),
      ),
    }
  } finally {
    if (typeof target.redis === 'function') redis.close()
  }
}

/** One key in words. */
async function lookAt(redis: Redis, names: CacheNames, key: string): Promise<string> {
  const [type, ms, fence, fenceMs, lease] = await Promise.all([
    redis.command(key, 'TYPE', key),
    redis.command(key, 'PTTL', key),
    redis.command(key, 'GET', names.fence(key)),
    redis.command(key, 'PTTL', names.fence(key)),
    redis.command(key, 'GET', names.lease(key)),
  ])
  const text = type === 'string' ? await redis.command(key, 'GET', key) : null
  const value = typeof text === 'string' ? decodeEnvelope(text) : undefined
  const what =
    type === 'none'
      ? 'nothing'
      : value
        ? `a value of snapshot ${value.xmin}`
        : `a ${String(type)} of somebody else`
  const kept = type === 'none' ? '' : Number(ms) < 0 ? ', kept for ever' : `, kept ${seconds(ms)}`
  const fenced =
    typeof fence === 'string' ? `; fence ${fence.split(' ')[0]}, kept ${seconds(fenceMs)}` : '; no fence'
  const loading = typeof lease === 'string' && lease !== 'refused' ? '; being loaded' : ''
  return what + kept + fenced + loading
}

function seconds(ms: unknown): string {
  return `${Math.round(Number(ms) / 1_000)} s`
}
