import type { JobResult, JobWithMetadata } from 'pg-boss'
import { type Change, parseChange } from '../src/change/change.ts'
import type { Environment } from '../src/config/environment.ts'
import { messageOf } from '../src/errors.ts'
import { getOrMake } from '../src/get-or-make.ts'
import { decodeRecordId } from '../src/model/record-id.ts'
import type { Target } from '../src/model/target.ts'
import { Gate } from '../src/queue/gate.ts'
import { handBack } from '../src/queue/hand-back.ts'
import { PRIORITY, QUEUES } from '../src/queue/queues.ts'
import { JobStatistics } from '../src/queue/statistics.ts'
import { BEAT_SECONDS } from '../src/queue/take-back.ts'
import { logBatch, logBatchFailure, logFailures } from './batch-log.ts'
import { BatchSlots } from './batch-slots.ts'
import { completeEarly } from './complete-early.ts'
import { countSettled } from './count-settled.ts'
import { keepDeadLettersTrue } from './dead-letters.ts'
import { FETCH_OPTIONS } from './fetch-options.ts'
import type { JobDefinition, Runtime } from './job.ts'
import { BATCHES_AHEAD, LaneLoad } from './lane-load.ts'
import { watchLostJobs } from './lost-jobs.ts'
import { watchPauses } from './pauses.ts'
import { deadLetter, NO_OUTCOME, settled, superseded } from './results.ts'
import type { HandledJob, HandledOutcome } from './telemetry/worker-telemetry.ts'

/** A job of a target that this worker's config does not have waits for a worker that does. */
const UNKNOWN_TARGET_DELAY_MS = 60_000

type Job = JobWithMetadata<unknown>

/** Writes changed records to the places that follow them. */
export const writeBack: JobDefinition = {
  name: 'write-back',

  async start(runtime) {
    const { boss, environment, config } = runtime
    const gate = new Gate(() => slots.wake())
    const load = new LaneLoad(gate, config.targets, environment)
    const statistics = new JobStatistics(runtime.sql, config.schemas)
    const lanes = new Set(config.targets.map(({ lane }) => lane)).size
    const slots: BatchSlots<Job, JobResult[]> = new BatchSlots(
      {
        atRest: environment.concurrency,
        most: Math.max(environment.concurrency, lanes * BATCHES_AHEAD + 1),
        open: (handle) =>
          gate.register((groupConcurrency) =>
            boss.work(QUEUES.writeBack, { ...optionsOf(environment), groupConcurrency }, handle),
          ),
        notify: (id) => boss.notifyWorker(id),
        close: (id) => void boss.offWork(QUEUES.writeBack, { id, wait: false }),
        leaving: runtime.leaving,
        failed: (error) => runtime.log.warn({ error: messageOf(error) }, 'no further batch can be fetched'),
      },
      async (jobs) => {
        const results = await handle(runtime, gate, load, () => slots.wake(), jobs).catch((error) => {
          logBatchFailure(runtime, jobs, error)
          throw error
        })
        if (jobs.length >= environment.batchSize) await statistics.refresh()
        // Not awaited: pg-boss completes the jobs meanwhile, and then they are counted.
        void countSettled(runtime, jobs, results)
        return results
      },
    )
    await watchPauses(runtime, gate)
    // Before pg-boss's supervisor looks for the first time.
    await watchLostJobs(runtime, () => slots.wake())
    await slots.open()
  },
}

function optionsOf({ batchSize }: Environment) {
  return {
    batchSize,
    perJobResults: true,
    includeMetadata: true,
    heartbeatRefreshSeconds: BEAT_SECONDS,
    ...FETCH_OPTIONS,
  } as const
}

interface Sorted {
  /** Jobs by lane, then target, then record. Several jobs may name one record. */
  readonly lanes: Map<string, Map<Target, Map<string, Job[]>>>
  readonly results: JobResult[]
  readonly unknown: Job[]
}

async function handle(
  runtime: Runtime,
  gate: Gate,
  load: LaneLoad,
  wake: () => void,
  jobs: Job[],
): Promise<JobResult[]> {
  const { lanes, results, unknown } = sort(runtime, jobs)
  if (unknown.length > 0) results.push(...(await giveBack(runtime, unknown, UNKNOWN_TARGET_DELAY_MS)))
  const ended = new AbortController()
  try {
    const perLane = await Promise.all(
      [...lanes].map(async ([lane, targets]) => {
        const jobs = [...targets.values()].flatMap((records) => [...records.values()]).flat()
        const { results } = await load.during(lane, jobs.length, () =>
          runtime.telemetry.batch(lane, jobs.map(asHandled), () => handleLane(runtime, gate, lane, targets)),
        )
        if (lanes.size > 1) void completeEarly(runtime, jobs, results, ended.signal)
        // Only the first change of a burst notifies (see sync_publish): look for the others, also while this batch waits
        // for another lane.
        wake()
        return results
      }),
    )
    return [...results, ...perLane.flat()]
  } finally {
    ended.abort()
  }
}

function sort({ config }: Runtime, jobs: readonly Job[]): Sorted {
  const targets = new Map(config.targets.map((target) => [target.name, target]))
  const sorted: Sorted = { lanes: new Map(), results: [], unknown: [] }
  for (const job of jobs) {
    let change: Change
    try {
      change = parseChange(job.data)
    } catch (error) {
      sorted.results.push(deadLetter(job, 'JOB_INVALID', messageOf(error)))
      continue
    }
    const target = targets.get(change.target)
    if (target === undefined || target.model !== change.model) {
      sorted.unknown.push(job)
      continue
    }
    const model = config.dataModel.models[change.model]
    try {
      if (model) decodeRecordId(model, change.id)
    } catch (error) {
      sorted.results.push(deadLetter(job, 'RECORD_ID_INVALID', messageOf(error)))
      continue
    }
    const lane = getOrMake(sorted.lanes, target.lane, () => new Map<Target, Map<string, Job[]>>())
    const records = getOrMake(lane, target, () => new Map<string, Job[]>())
    getOrMake(records, change.id, () => []).push(job)
  }
  return sorted
}

async function handleLane(
  runtime: Runtime,
  gate: Gate,
  lane: string,
  targets: ReadonlyMap<Target, ReadonlyMap<string, Job[]>>,
): Promise<{ results: JobResult[]; outcomes: HandledOutcome[] }> {
  const started = performance.now()
  const requests = [...targets].map(([target, records]) => ({
    target,
    ids: [...records.keys()],
    unseen: unseenIn(records),
  }))
  const outcomes = await runtime.sinks.write(lane, requests, runtime.leaving)
  const results: JobResult[] = []
  const deferred = new Map<Target, { jobs: Job[]; delayMs: number; reason: string; code: string }>()
  const tally: Record<string, number> = {}
  const handled: HandledOutcome[] = []
  for (const [target, records] of targets) {
    for (const [id, jobs] of records) {
      const outcome = outcomes.get(target.name)?.get(id) ?? NO_OUTCOME
      const word = outcome.status === 'done' ? outcome.change : outcome.status
      tally[word] = (tally[word] ?? 0) + 1
      const code = outcome.status === 'done' ? undefined : outcome.code
      handled.push(...jobs.map((job) => ({ job: asHandled(job), outcome: word, code })))
      if (outcome.status === 'deferred') {
        const held = getOrMake(deferred, target, () => ({
          jobs: [],
          delayMs: outcome.retryAfterMs,
          reason: outcome.reason,
          code: outcome.code,
        }))
        held.jobs.push(...jobs)
        held.delayMs = Math.max(held.delayMs, outcome.retryAfterMs)
      } else {
        results.push(...settled(jobs, outcome))
      }
    }
  }
  for (const [target, { jobs, delayMs, reason, code }] of deferred) {
    holdFor(gate, target.name, delayMs, runtime.leaving)
    const details = { target: target.name, jobs: jobs.length, code, delayMs: Math.round(delayMs) }
    runtime.log.warn(details, `changes wait: ${reason}`)
    results.push(...(await giveBack(runtime, jobs, delayMs)))
  }
  for (const [target, records] of targets) {
    logFailures(runtime, target, records, outcomes.get(target.name))
    await keepDeadLettersTrue(runtime, target.name, records, outcomes.get(target.name))
  }
  logBatch(runtime, lane, targets, tally, performance.now() - started)
  return { results, outcomes: handled }
}

/**
 * Records whose deletion, should they be gone, no change has told. A comparison asks before it publishes a job for a row
 * that is to go.
 */
function unseenIn(records: ReadonlyMap<string, readonly Job[]>): Map<string, Date> {
  const isUnseen = ({ data, priority }: Job) =>
    priority > PRIORITY.backfill && (data as Change).operation !== 'delete'
  return new Map(
    [...records].flatMap(([id, jobs]) =>
      jobs.every(isUnseen) ? [[id, new Date(Math.max(...jobs.map((job) => job.createdOn.getTime())))]] : [],
    ),
  )
}

/** A job whose data was read already, as telemetry sees it. */
function asHandled(job: Job): HandledJob {
  return { id: job.id, change: job.data as Change }
}

/** Hands jobs back without an attempt; those that are not needed any more are completed. */
async function giveBack(runtime: Runtime, jobs: readonly Job[], delayMs: number): Promise<JobResult[]> {
  const { sql, config } = runtime
  const needless = await handBack(sql, config.schemas, QUEUES.writeBack, jobs, delayMs)
  return [...needless].map(superseded)
}

/** No fetching for a target that is away: its jobs would only come back. */
function holdFor(gate: Gate, target: string, delayMs: number, leaving: AbortSignal): void {
  if (leaving.aborted) return
  const reason = `away ${delayMs}`
  gate.close(target, reason)
  setTimeout(() => gate.open(target, reason), delayMs).unref()
}
