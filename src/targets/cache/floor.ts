import { randomBytes } from 'node:crypto'
import type { CacheNames } from './names.ts'
import type { Redis } from './redis/client.ts'
import { SWAP } from './redis/scripts.ts'

/**
 * Where a cache begins: values that are older do not count, whatever else Redis has of them. It is laid again when
 * - Redis has none: it was emptied, or started anew, and its fences are gone
 * - Redis is another process than the one it was laid in: after a restart from a file, or a failover, the last writes may
 *   be missing, invalidations among them
 * - the database is behind it: it was restored to an earlier point
 */
export interface Floor {
  /** Every value carries the id of the floor on which it was read. */
  readonly id: string
  /** A value of an older snapshot does not count. For readers on a replica: what it shows may be older than the floor. */
  readonly xmax: bigint
  /** `run_id` of the Redis process, empty where it is not known. */
  readonly run: string
}

/** What was seen of the floor. */
export interface FloorSeen {
  /** As it stands in Redis; empty for none. */
  readonly text: string
  /** undefined for none, for one that is being laid, and for one of another process of Redis. */
  readonly floor: Floor | undefined
}

/** How long somebody who lays a floor may take, in ms. */
const LAYING_MS = 30_000
const LAYING = '?'

/** @param run of the process of Redis as it is now; undefined where nobody asked, or it is not known */
export function floorOf(text: unknown, run: string | undefined): FloorSeen {
  if (typeof text !== 'string') return { text: '', floor: undefined }
  const [id = '', xmax, of = ''] = text.split(' ')
  const isOther = run !== undefined && run !== of
  if (id === LAYING || isOther || !/^\d+$/.test(xmax ?? '')) return { text, floor: undefined }
  return { text, floor: { id, xmax: BigInt(xmax ?? 0), run: of } }
}

/**
 * Lays the floor anew, in two steps: should Redis lose it once more in between, the second one fails.
 * @param seen what stands there, and does not count
 * @param xmaxNow asks the primary for `pg_snapshot_xmax`; undefined where there is only a replica
 * @returns undefined where somebody else lays it, or nobody here can
 */
export async function layFloor(
  redis: Redis,
  names: CacheNames,
  seen: FloorSeen,
  xmaxNow: () => Promise<bigint | undefined>,
): Promise<Floor | undefined> {
  if (seen.text.startsWith(LAYING)) return undefined
  const id = randomBytes(6).toString('base64url')
  const laying = `${LAYING} ${id}`
  if ((await SWAP.run(redis, [names.floor], seen.text, laying, String(LAYING_MS))) !== 1) return undefined
  const run = (await runOf(redis)) ?? ''
  const xmax = await xmaxNow()
  if (xmax === undefined) return undefined
  const floor: Floor = { id, xmax, run }
  const laid = await SWAP.run(redis, [names.floor], laying, `${id} ${xmax} ${run}`, '0')
  return laid === 1 ? floor : undefined
}

/**
 * `run_id` of the process of Redis: another one after every start, and on a replica that took over. Undefined where it is
 * not told, and on a cluster, which is many processes.
 */
export async function runOf(redis: Redis): Promise<string | undefined> {
  if (redis.isCluster) return undefined
  try {
    return runIn(await redis.command(undefined, 'INFO', 'server'))
  } catch (error) {
    // A user without the right to ask.
    if (error instanceof Error && error.message.startsWith('NOPERM')) return undefined
    throw error
  }
}

function runIn(info: unknown): string | undefined {
  return /^run_id:(\w+)/m.exec(String(info))?.[1]
}
