import { setTimeout as sleep } from 'node:timers/promises'
import { type Fault, faultByKind } from './faults/index.ts'
import { Facts } from './people/facts.ts'
import type { Step } from './plan/step.ts'
import { Random } from './random.ts'
import { Recovery } from './recovery.ts'
import type { Stage } from './stage/stage.ts'

/** What was done in a run. */
export interface Conducted {
  readonly facts: Facts
  /** Faults injected, people's doings done, by kind. */
  readonly faults: ReadonlyMap<string, number>
  readonly doings: ReadonlyMap<string, number>
  readonly badJobs: number
  readonly recovery: Recovery
  /** Faults that could not be injected or healed: the harness's own trouble. */
  readonly troubles: readonly string[]
}

/** A gap between two steps, when nothing else is going on, is no longer than this: lists that were made shorter. */
const LONGEST_GAP_MS = 2_500

/** Writes that may wait for the application: on a machine that is slow everything happens later, not all at once. */
const MAX_PENDING = 100
const LOOK_EVERY_MS = 20

/**
 * Carries out the steps of a plan: writes go to the application at their time, faults last as long as they are to
 * last, and are all healed at the end, when they have lasted as long as their kind does at least.
 * @param onProgress told how many steps have been begun
 */
export async function conduct(
  stage: Stage,
  plan: readonly Step[],
  onProgress: (done: number) => void,
): Promise<Conducted> {
  const facts = new Facts()
  const faults = new Map<string, number>()
  const doings = new Map<string, number>()
  const troubles: string[] = []
  const recovery = new Recovery(stage)
  const underWay = new Set<Promise<void>>()
  const healing = new AbortController()
  const startedAt = performance.now()
  let badJobs = 0
  let clock = 0

  const begin = (work: () => Promise<void>, what: string) => {
    const promise = work()
      .catch((error) => void troubles.push(`${what}: ${(error as Error).message}`))
      .finally(() => underWay.delete(promise))
    underWay.add(promise)
  }
  const count = (counts: Map<string, number>, kind: string) => counts.set(kind, (counts.get(kind) ?? 0) + 1)

  const suffer = async (step: Extract<Step, { kind: 'fault' }>) => {
    const kind = faultByKind(step.fault)
    const fault: Fault = kind.make(stage, new Random(step.salt))
    const ended = recovery.begins(step.fault)
    try {
      await fault.inject()
      count(faults, step.fault)
      await sleep(kind.lasts[0])
      await sleep(step.lasts - kind.lasts[0], undefined, { signal: healing.signal }).catch(() => {})
    } finally {
      await fault.heal()
      ended()
    }
  }
  const meet = async ({ target, action, salt, between }: Extract<Step, { kind: 'person' }>) => {
    const doing = { target, action, salt }
    const found = between ? await stage.sheets.ambush(doing) : await stage.sheets.act(doing)
    if (!found) return
    facts.add(found)
    count(doings, between ? `${action}, between read and write` : action)
  }

  for (const [at, step] of plan.entries()) {
    if (step.kind === 'afterwards') continue
    const gap = step.at - (plan[at - 1]?.at ?? 0)
    clock += underWay.size === 0 ? Math.min(gap, LONGEST_GAP_MS) : gap
    await sleepUntil(startedAt + clock)
    while (stage.writer.pending > MAX_PENDING) {
      await sleep(LOOK_EVERY_MS)
      clock = performance.now() - startedAt
    }
    if (step.kind === 'write') void stage.writer.write(step.write, step.salt)
    else if (step.kind === 'fault') begin(() => suffer(step), step.fault)
    else if (step.kind === 'person') begin(() => meet(step), step.action)
    else {
      badJobs++
      begin(() => sendBadJob(stage, step.salt), 'a bad job')
    }
    onProgress(at + 1)
  }
  healing.abort()
  while (underWay.size > 0) await Promise.all(underWay)
  await recovery.end()
  return { facts, faults, doings, badJobs, recovery, troubles }
}

/** Carries out what people do when all changes have been worked off. @returns how often, by kind */
export async function conductAfterwards(
  { sheets }: Stage,
  plan: readonly Step[],
  facts: Facts,
): Promise<ReadonlyMap<string, number>> {
  const doings = new Map<string, number>()
  for (const step of plan) {
    if (step.kind !== 'afterwards') continue
    const { target, action, salt } = step
    const found = await sheets.act({ target, action, salt })
    if (!found) continue
    facts.add(found)
    const kind = `${action}, afterwards`
    doings.set(kind, (doings.get(kind) ?? 0) + 1)
  }
  return doings
}

async function sleepUntil(moment: number): Promise<void> {
  const wait = moment - performance.now()
  if (wait > 0) await sleep(wait)
}

/** A job of another version, or of nobody. */
async function sendBadJob({ database }: Stage, salt: number): Promise<void> {
  const data = new Random(salt).of([
    { v: 99, target: 'requests' },
    { target: 'requests', id: 1 },
    { v: 1, nothing: true },
  ])
  await database.query(
    `insert into pgboss.job (name, data, priority, singleton_key, policy, retry_limit, expire_seconds, dead_letter,
       heartbeat_seconds, deletion_seconds, keep_until)
     select q.name, $1, 0, $2, q.policy, q.retry_limit, q.expire_seconds, q.dead_letter, q.heartbeat_seconds,
       q.deletion_seconds, now() + interval '1 day'
     from pgboss.queue q where q.name = 'sync.write-back'`,
    [JSON.stringify(data), `bad job ${salt}`],
  )
}
