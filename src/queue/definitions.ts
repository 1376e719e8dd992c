import type { WritebackConfig } from '../config/define-config.ts'
import { QUEUES, type QueueDefinition, type ScheduleDefinition, SECONDS } from './queues.ts'

/** After this many seconds without a heartbeat pg-boss returns a change to the queue. */
const HEARTBEAT_SECONDS = 30

/**
 * Every queue of the library with its options, in the order in which they must be created: a dead letter queue before
 * the one that names it.
 */
export function queueDefinitions(config: WritebackConfig): readonly QueueDefinition[] {
  const { retention } = config
  return [
    deadLetterQueue(QUEUES.writeBackDead, config),
    {
      name: QUEUES.writeBack,
      // At most one queued job per singleton key; jobs that are active do not count, so a change that
      // lands while its record is being written is queued behind it.
      policy: 'short',
      // A table of its own: the indexes of other policies and other queues' jobs cost a writer time.
      partition: true,
      notify: true,
      deadLetter: QUEUES.writeBackDead,
      // 8 retries from 5 s, doubling to 10 min: about half an hour of a failure that is this record's own.
      // Trouble of the target costs no attempt, so these are spent on real failures only.
      retryLimit: 8,
      retryDelay: 5,
      retryBackoff: true,
      retryDelayMax: 10 * SECONDS.minute,
      // Workers take back the jobs of one that is silent before that (take-back.ts); pg-boss does it where none did.
      heartbeatSeconds: HEARTBEAT_SECONDS,
      // The heartbeat finds the dead, so expiry only bounds a handler that lives and hangs.
      expireInSeconds: SECONDS.hour,
      // A queued change must outlive a long outage of the target.
      retentionSeconds: 90 * SECONDS.day,
      deleteAfterSeconds: retention.days * SECONDS.day,
      warningQueueSize: 100_000,
    },
    {
      name: QUEUES.related,
      policy: 'standard',
      notify: true,
      // The database alone can fail it: about half a day, longer than it is away.
      retryLimit: 80,
      retryDelay: 5,
      retryBackoff: true,
      retryDelayMax: 10 * SECONDS.minute,
      heartbeatSeconds: 60,
      expireInSeconds: 15 * SECONDS.minute,
      retentionSeconds: 90 * SECONDS.day,
      deleteAfterSeconds: retention.days * SECONDS.day,
    },
    deadLetterQueue(QUEUES.inboundDead, config),
    {
      name: QUEUES.inbound,
      // As for changes: one that lands while its record's edits are applied is queued behind them.
      policy: 'short',
      notify: true,
      deadLetter: QUEUES.inboundDead,
      // A person waits for it: the first retries come soon.
      retryLimit: 8,
      retryDelay: 2,
      retryBackoff: true,
      retryDelayMax: 10 * SECONDS.minute,
      heartbeatSeconds: HEARTBEAT_SECONDS,
      expireInSeconds: 15 * SECONDS.minute,
      retentionSeconds: 90 * SECONDS.day,
      deleteAfterSeconds: retention.days * SECONDS.day,
    },
    {
      // One look at a spreadsheet waits at a time. What it misses the next one sees.
      name: QUEUES.pull,
      policy: 'short',
      notify: true,
      retryLimit: 0,
      expireInSeconds: 5 * SECONDS.minute,
      retentionSeconds: SECONDS.hour,
      deleteAfterSeconds: SECONDS.hour,
    },
    maintenanceQueue(QUEUES.cleanup, config),
    maintenanceQueue(QUEUES.recover, config),
    {
      ...maintenanceQueue(QUEUES.reconcile, config),
      notify: true,
      // It reads every row of a tab: longer than the others, hence with heartbeats.
      heartbeatSeconds: 60,
      expireInSeconds: 6 * SECONDS.hour,
      // The first one fills a tab: it must outlive a time without workers.
      retentionSeconds: 90 * SECONDS.day,
    },
  ]
}

/** The queues whose jobs are sent by themselves, and when. */
export function scheduleDefinitions({ schedules }: WritebackConfig): readonly ScheduleDefinition[] {
  return [
    { queue: QUEUES.cleanup, cron: schedules.cleanup },
    { queue: QUEUES.recover, cron: schedules.recover },
    { queue: QUEUES.reconcile, cron: schedules.reconcile },
  ].flatMap(({ queue, cron }) => (cron === null ? [] : [{ queue, cron }]))
}

/** Dead letters wait for a person: one that nobody has looked at for 90 days never will be. */
function deadLetterQueue(name: string, { retention }: WritebackConfig): QueueDefinition {
  return {
    name,
    policy: 'standard',
    retryLimit: 0,
    retentionSeconds: 90 * SECONDS.day,
    deleteAfterSeconds: retention.days * SECONDS.day,
  }
}

/** Options of the scheduled jobs' queues: one waiting at a time, a few quiet retries before the next tick. */
function maintenanceQueue(name: string, config: WritebackConfig): QueueDefinition {
  return {
    name,
    policy: 'short',
    retryLimit: 2,
    retryDelay: 30,
    retryBackoff: true,
    expireInSeconds: 15 * SECONDS.minute,
    retentionSeconds: SECONDS.day,
    deleteAfterSeconds: config.retention.days * SECONDS.day,
  }
}
