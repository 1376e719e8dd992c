import type { DocumentPlace, DocumentWrite, PlaceAnswer, WriteSignals } from '../documents/place.ts'
import type { WorkerServices } from '../target.ts'
import type { CacheTarget } from './config.ts'
import { type CacheDocument, entriesOf, fromStoredKeys, idKeysOf, tagOfRecord } from './entries.ts'
import { Invalidation } from './invalidation.ts'
import { CacheNames } from './names.ts'
import { hearErrors, type Redis, redisOf, within } from './redis/client.ts'
import { failureOf, reasonOf } from './redis/failure.ts'
import { WorkerFloor } from './worker-floor.ts'

/** Records that go into one batch of commands. */
const BATCH = 500
/** How long Redis may take for a small call, in ms. */
const CALL_MS = 5_000

/** Keys of records in Redis. Several workers drop them at once: fences and tickets say what is newer. */
export function cachePlace(
  { sql, log }: Pick<WorkerServices, 'sql' | 'log'>,
  target: CacheTarget,
): DocumentPlace<CacheTarget> {
  const names = new CacheNames(target.namespace)
  const floor = new WorkerFloor(names, sql, (message) => log.warn({ target: target.name }, message))
  let connection: Redis | undefined
  const redis = () => {
    connection ??= connect(target)
    return connection
  }
  return {
    noun: 'cache',
    isExclusive: false,
    batchSize: BATCH,
    // Somebody may have stored a value in between, whatever the keys are.
    skipsUnchanged: false,
    show: entriesOf,
    async apply(_target, writes, { abort }: WriteSignals) {
      const [first] = writes
      if (first === undefined) return new Map()
      const { ticket, snapshot } = first
      const standing = await within(CALL_MS, floor.check(redis(), snapshot.xmax))
      const invalidation = new Invalidation(redis(), names, { ticket, ...snapshot, floor: standing }, abort)
      for (const write of writes) add(invalidation, target, write)
      const errors = await invalidation.run(target.ttl)
      return new Map([...errors].map(([id, error]): [string, PlaceAnswer] => [id, answerTo(error)]))
    },
    async probe() {
      await within(CALL_MS, redis().command(undefined, 'PING'))
    },
    failureOf,
    async close() {
      // A client that was handed over stays the application's.
      if (typeof target.redis === 'function') connection?.close()
    },
  }
}

/** Connects as the target says. */
export function connect({ redis }: CacheTarget): Redis {
  const client = typeof redis === 'function' ? redis() : redis
  hearErrors(client)
  return redisOf(client)
}

function add(invalidation: Invalidation, target: CacheTarget, { id, shown, keys }: DocumentWrite): void {
  const { values = {} } = (shown?.document ?? {}) as Partial<CacheDocument>
  const entries = fromStoredKeys(keys)
  for (const key of [...entries.keys, ...idKeysOf(target, id)]) {
    invalidation.key(id, key, Object.hasOwn(values, key) ? values[key] : undefined)
  }
  for (const tag of [...entries.tags, tagOfRecord(target, id)]) invalidation.tag(id, tag)
  for (const pattern of entries.patterns) invalidation.pattern(id, pattern)
}

/** @throws LaneFailure for what is no record's fault */
function answerTo(error: unknown): PlaceAnswer {
  const failure = failureOf(error)
  if (failure) throw failure
  if (!(error instanceof Error) || error instanceof TypeError) throw error
  return reasonOf(error)
}
