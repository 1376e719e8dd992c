import type { Queue } from 'pg-boss'

export { QUEUES } from './queue-names.ts'

/** Priorities of write-back jobs: what a person just did goes before what a machine goes through. */
export const PRIORITY = { change: 0, backfill: -10 } as const

/** A queue as the release step wants it: its name and pg-boss's options. */
export type QueueDefinition = Queue

/** When a queue's job is sent by itself. */
export interface ScheduleDefinition {
  readonly queue: string
  /** Cron expression with five fields. */
  readonly cron: string
}

export const SECONDS = { minute: 60, hour: 3600, day: 86_400 } as const
