import { setTimeout as sleep } from 'node:timers/promises'
import { quoteTable } from '../src/database/quote.ts'
import { createErrorLog } from '../src/error-log.ts'
import { QUEUES } from '../src/queue/queues.ts'
import { editableTargets } from '../src/targets/editable.ts'
import { kindOf } from '../src/targets/target.ts'
import type { Runtime } from './job.ts'
import { type Looked, Looks } from './looks.ts'

/** How often it is asked what is due, in milliseconds. */
const TICK_MS = 500

/** How often the database is asked where people work, in milliseconds. */
const ACTIVITY_MS = 3_000

/** The lock of the one worker that plans looks. It ends with the worker. */
const LOCK = 'looks'

/** Sends the jobs that look for edits, for all workers: one of them plans, another takes over when it goes. */
export function scheduleLooks(runtime: Runtime): void {
  const { locks, leaving, log } = runtime
  const complain = createErrorLog(log, 'looks for edits cannot be planned')
  const loop = async () => {
    while (!leaving.aborted) {
      const lock = await locks.acquire(LOCK, 0, leaving).catch(complain)
      if (lock) {
        await plan(runtime, AbortSignal.any([leaving, lock.lost])).catch(complain)
        await lock.release()
      }
      await sleep(ACTIVITY_MS, undefined, { ref: false, signal: leaving }).catch(() => {})
    }
  }
  void loop()
}

async function plan(runtime: Runtime, signal: AbortSignal): Promise<void> {
  const { boss, config, environment } = runtime
  const lanes = editableTargets(config)
  const places = [...lanes].map(([lane, targets]): Looked => {
    const wishes = targets.flatMap((target) => kindOf(target).looks?.(target) ?? [])
    return {
      lane,
      everyMs: Math.min(...wishes.map(({ everySeconds }) => everySeconds)) * 1000,
      isTold: wishes.every(({ isTold }) => isTold),
    }
  })
  const kinds = new Set([...lanes.values()].flat().map(kindOf))
  const quotas = [...kinds].flatMap((kind) => kind.operator.quota?.(environment.variables) ?? [])
  const looks = new Looks(places, Math.min(60_000, ...quotas.map((one) => one.readsPerMinute)), Date.now())
  let asked = Number.NEGATIVE_INFINITY
  while (!signal.aborted) {
    if (Date.now() - asked >= ACTIVITY_MS) {
      asked = Date.now()
      await takeActivity(runtime, looks)
    }
    for (const spreadsheetId of looks.due(Date.now())) {
      await boss.send(QUEUES.pull, { spreadsheetId }, { singletonKey: spreadsheetId })
    }
    await sleep(TICK_MS, undefined, { ref: false, signal }).catch(() => {})
  }
}

/** Where people edited lately, and which looks failed. */
async function takeActivity({ sql, config }: Runtime, looks: Looks): Promise<void> {
  const { library, queue } = config.schemas
  const laneOf = new Map(config.targets.map(({ name, lane }) => [name, lane]))
  const edits = await sql.query<{ target: string; at: Date }>(
    `select target, max(seen_at) as at
     from (select target, seen_at from ${quoteTable(library, 'sync_edit')} order by id desc limit 500) as e
     group by target`,
  )
  for (const { target, at } of edits) looks.edited(laneOf.get(target) ?? '', at.getTime())
  const failed = await sql.query<{ lane: string }>(
    `select distinct data ->> 'spreadsheetId' as lane from ${quoteTable(queue, 'job')}
     where name = $1 and state = 'failed' and completed_on > now() - interval '30 seconds'`,
    [QUEUES.pull],
  )
  looks.failing(failed.map(({ lane }) => lane))
}
