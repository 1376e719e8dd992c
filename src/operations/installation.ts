import { readQueueSchema } from '../capture/triggers/queue-schema.ts'
import { queueDefinitions, scheduleDefinitions } from '../queue/definitions.ts'
import type { OperationsContext } from './context.ts'

/** What the release step makes, and is not there. */
export interface Installation {
  readonly missingQueues: readonly string[]
  /** Queues whose jobs are to be sent by themselves, and are not. */
  readonly missingSchedules: readonly string[]
  /** The functions that publish: `outdated` ones are those of another version of the library. */
  readonly publishing: 'present' | 'missing' | 'outdated'
}

/** Looks whether what the release step makes is there. Changes nothing. */
export async function readInstallation({
  boss,
  sql,
  config,
}: Pick<OperationsContext, 'boss' | 'sql' | 'config'>): Promise<Installation> {
  const [queues, schedules, { publishFunction }] = await Promise.all([
    boss.getQueues(),
    boss.getSchedules(),
    readQueueSchema(sql, config.schemas),
  ])
  const wanted = queueDefinitions(config).map(({ name }) => name)
  const scheduled = scheduleDefinitions(config).map(({ queue }) => queue)
  return {
    missingQueues: wanted.filter((name) => !queues.some((queue) => queue.name === name)),
    missingSchedules: scheduled.filter((name) => !schedules.some((schedule) => schedule.name === name)),
    publishing: publishFunction,
  }
}
