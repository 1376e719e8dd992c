import { messageOf } from '../../errors.ts'
import { error, type Finding, ok, warning } from '../finding.ts'
import type { OperatorServices } from '../operator.ts'
import type { CacheTarget } from './config.ts'
import { floorOf } from './floor.ts'
import { CacheNames } from './names.ts'
import { connect } from './place.ts'
import { snapshotOf } from './reader/snapshot.ts'
import { type Redis, within } from './redis/client.ts'
import { failureOf } from './redis/failure.ts'

const CHECK_MS = 5_000
/** UNLINK, and scripts that may write after they have read. */
const OLDEST = 5

/** Looks whether the Redis of each target answers, is new enough, and keeps what must be kept. */
export async function checkCaches(
  services: OperatorServices,
  targets: readonly CacheTarget[],
): Promise<Finding[]> {
  const found = await Promise.all(targets.map((target) => checkCache(services, target)))
  return found.flat()
}

async function checkCache({ sql }: OperatorServices, target: CacheTarget): Promise<Finding[]> {
  const subject = `target ${target.name}`
  let redis: Redis | undefined
  try {
    redis = connect(target)
    return [
      ...(await within(CHECK_MS, lookAt(redis, subject))),
      ...(await besideDatabase(redis, sql, target)),
    ]
  } catch (thrown) {
    const { message } = failureOf(thrown) ?? { message: messageOf(thrown) }
    return [error(subject, message, 'Start Redis, or correct the client in the configuration')]
  } finally {
    if (typeof target.redis === 'function') redis?.close()
  }
}

async function lookAt(redis: Redis, subject: string): Promise<Finding[]> {
  const [server, memory] = await Promise.all([info(redis, 'server'), info(redis, 'memory')])
  const version = server('redis_version') ?? 'of an unknown version'
  if (Number.parseInt(version, 10) < OLDEST)
    return [error(subject, `Redis ${version} is too old`, `Use Redis ${OLDEST} or newer`)]
  const findings = [ok(subject, `Redis ${version} answers`)]
  const policy = memory('maxmemory_policy') ?? 'noeviction'
  if (memory('maxmemory') !== '0' && memory('maxmemory') !== undefined && policy !== 'noeviction') {
    findings.push(
      warning(
        subject,
        `Redis drops keys when its memory is full (maxmemory-policy ${policy}), tags and fences among them: a value that a tag ended may count again until its ttl`,
        'Set maxmemory-policy to noeviction, or keep ttl short for values with tags',
      ),
    )
  }
  if (redis.isCluster && redis.keyPrefix !== '') {
    const what = 'keyPrefix puts the fence of a key into another slot of the cluster'
    findings.push(error(subject, what, 'Put the prefix into the keys themselves'))
  }
  return findings
}

async function besideDatabase(
  redis: Redis,
  sql: OperatorServices['sql'],
  { name, namespace }: CacheTarget,
): Promise<Finding[]> {
  const names = new CacheNames(namespace)
  const [text, { xmax }] = await Promise.all([
    within(CHECK_MS, redis.command(names.floor, 'GET', names.floor)),
    snapshotOf(sql),
  ])
  const { floor } = floorOf(text, undefined)
  if (floor === undefined || floor.xmax <= xmax) return []
  const what = `the cache is of another database, or of a time after the point that this one was restored to`
  const remedy =
    'Give each database a namespace of its own; after a restore the next change, or read, begins the cache anew'
  return [warning(`target ${name}`, what, remedy)]
}

async function info(redis: Redis, section: string): Promise<(field: string) => string | undefined> {
  const text = String(await redis.command(undefined, 'INFO', section))
  return (field) => new RegExp(`^${field}:(.*?)\\r?$`, 'm').exec(text)?.[1]
}
