import type { Queue } from 'pg-boss'

/** Names of the library's queues in pg-boss. */
export const QUEUES = {
  writeBack: 'sync.write-back',
  writeBackDead: 'sync.write-back.dead',
  cleanup: 'sync.cleanup',
  recover: 'sync.recover',
  reconcile: 'sync.reconcile',
} as const

/** Priorities of write-back jobs: what a person just did goes before what a machine goes through. */
export const PRIORITY = { change: 0, backfill: -10 } as const

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** A queue as the release step wants it: pg-boss's options plus its name. */
export type QueueDefinition = Queue & { readonly name: string }

/**
 * The queues in the order in which they must be created: a dead letter queue before the one that names it.
 * @param retentionDays days that settled jobs are kept
 */
export function queueDefinitions(retentionDays: number): readonly QueueDefinition[] {
  const deleteAfterSeconds = retentionDays * DAY
  return [
    {
      name: QUEUES.writeBackDead,
      policy: 'standard',
      // Dead letters wait for a person: a job that nobody has looked at for 90 days never will be.
      retentionSeconds: 90 * DAY,
      deleteAfterSeconds,
      retryLimit: 0,
    },
    {
      name: QUEUES.writeBack,
      // At most one queued job per singleton key; jobs that are active do not count, so a change that
      // lands while its record is being written is queued behind it.
      policy: 'short',
      notify: true,
      deadLetter: QUEUES.writeBackDead,
      // 8 attempts at 5 s doubling to 10 min: about 20 minutes of a failure that is this record's own.
      // Trouble of the target costs no attempt, so these are spent on real failures only.
      retryLimit: 8,
      retryDelay: 5,
      retryBackoff: true,
      retryDelayMax: 10 * MINUTE,
      // A worker beats every 10 s; one that is silent for 30 s is dead and its jobs go to another.
      heartbeatSeconds: 30,
      // The heartbeat finds the dead, so expiry only bounds a handler that lives and hangs.
      expireInSeconds: HOUR,
      // A queued change must outlive a long outage of the target.
      retentionSeconds: 90 * DAY,
      deleteAfterSeconds,
      warningQueueSize: 100_000,
    },
    { name: QUEUES.cleanup, ...maintenance(deleteAfterSeconds) },
    { name: QUEUES.recover, ...maintenance(deleteAfterSeconds) },
    // A reconcile reads every row of a tab: longer, with heartbeats because of that.
    {
      name: QUEUES.reconcile,
      ...maintenance(deleteAfterSeconds),
      notify: true,
      heartbeatSeconds: 60,
      expireInSeconds: 6 * HOUR,
    },
  ]
}

/** One at a time per key, a few quiet retries: the next tick of the schedule does the same work. */
function maintenance(deleteAfterSeconds: number): Omit<QueueDefinition, 'name'> {
  return {
    policy: 'short',
    retryLimit: 2,
    retryDelay: 30,
    retryBackoff: true,
    expireInSeconds: 15 * MINUTE,
    retentionSeconds: DAY,
    deleteAfterSeconds,
  }
}
