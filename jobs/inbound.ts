import type { JobResult, JobWithMetadata } from 'pg-boss'
import { z } from 'zod'
import { getOrMake } from '../src/get-or-make.ts'
import { applyEdits, giveUp, type InboundContext } from '../src/inbound/apply-edits.ts'
import { capturedClient } from '../src/inbound/captured-client.ts'
import type { EditRules } from '../src/inbound/edit-rules.ts'
import { EditStore } from '../src/inbound/edit-store.ts'
import { type EditTally, NO_EDITS, sum } from '../src/inbound/record-work.ts'
import type { Target } from '../src/model/target.ts'
import { handBack } from '../src/queue/hand-back.ts'
import { INBOUND_VERSION } from '../src/queue/inbound.ts'
import { QUEUES } from '../src/queue/queues.ts'
import { BEAT_SECONDS } from '../src/queue/take-back.ts'
import { kindOf } from '../src/targets/target.ts'
import { failed, giveBack } from './attempts.ts'
import { failureOf } from './failure.ts'
import { FETCH_OPTIONS } from './fetch-options.ts'
import type { JobDefinition, Runtime } from './job.ts'
import { deadLetter, superseded } from './results.ts'

/** Records whose edits are fetched at a time. */
const BATCH = 200

/** A job of a target that this worker's config does not have waits for a worker that does. */
const UNKNOWN_TARGET_DELAY_MS = 60_000

const dataSchema = z.object({
  v: z.literal(INBOUND_VERSION),
  target: z.string().min(1),
  id: z.string().min(1),
})

type Job = JobWithMetadata<unknown>

/** What the edits of a target's records are applied with. */
interface EditableTarget {
  readonly target: Target
  /** Undefined where nothing can be changed any more. */
  readonly rules: EditRules | undefined
}

/** Brings what people changed in a place into the database: one job is one record. */
export const inbound: JobDefinition = {
  name: 'inbound',

  async start(runtime) {
    const { config, boss } = runtime
    const targets = rulesOfTargets(runtime)
    // Extended only where something comes back: an extended client costs a little with every call.
    const isNeeded = [...targets.values()].some(({ rules }) => rules !== undefined)
    const client = isNeeded ? capturedClient(runtime.client, config, runtime.log) : (runtime.client as never)
    const context: InboundContext = { client, sql: runtime.sql, config }
    const options = {
      batchSize: BATCH,
      perJobResults: true,
      includeMetadata: true,
      heartbeatRefreshSeconds: BEAT_SECONDS,
      ...FETCH_OPTIONS,
    } as const
    await boss.work(QUEUES.inbound, options, (jobs: Job[]) => handle(runtime, context, targets, jobs))
  },
}

/** The targets of a worker, with what people may change in them. */
export function rulesOfTargets({ config }: Pick<Runtime, 'config'>): ReadonlyMap<string, EditableTarget> {
  return new Map(
    config.targets.map((target) => [
      target.name,
      { target, rules: kindOf(target).editRules?.(target, config.dataModel) },
    ]),
  )
}

/** Handles a batch: several records at a time, each by itself. */
export async function handle(
  runtime: Runtime,
  context: InboundContext,
  targets: ReadonlyMap<string, EditableTarget>,
  jobs: readonly Job[],
): Promise<JobResult[]> {
  const started = performance.now()
  const results: JobResult[] = []
  const unknown: Job[] = []
  const records = new Map<
    string,
    { readonly of: EditableTarget; readonly id: string; readonly jobs: Job[] }
  >()
  for (const job of jobs) {
    const data = dataSchema.safeParse(job.data)
    const of = data.success ? targets.get(data.data.target) : undefined
    if (!data.success) {
      results.push(deadLetter(job, 'JOB_INVALID', `expected an edit's job of version ${INBOUND_VERSION}`))
    } else if (of === undefined) unknown.push(job)
    else {
      const { id } = data.data
      getOrMake(records, JSON.stringify([of.target.name, id]), () => ({ of, id, jobs: [] })).jobs.push(job)
    }
  }
  results.push(...(await wait(runtime, unknown)))
  const tally = new Map<string, EditTally>()
  const left = [...records.values()]
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift())
      results.push(...(await handleRecord(runtime, context, tally, next)))
  }
  await Promise.all(Array.from({ length: runtime.environment.concurrency }, work))
  for (const [target, counts] of tally) {
    const ms = Math.round(performance.now() - started)
    runtime.log.info({ target, records: records.size, ...counts, ms }, 'edits handled')
  }
  return results
}

async function handleRecord(
  runtime: Runtime,
  context: InboundContext,
  tally: Map<string, EditTally>,
  {
    of: { target, rules },
    id,
    jobs,
  }: { readonly of: EditableTarget; readonly id: string; readonly jobs: readonly Job[] },
): Promise<JobResult[]> {
  if (runtime.leaving.aborted) return await giveBack(runtime, QUEUES.inbound, jobs)
  try {
    const done =
      rules === undefined
        ? {
            ...NO_EDITS,
            forgotten: await new EditStore(context.config.schemas).withdrawAll(context.sql, target.name, id),
          }
        : await applyEdits(context, target, rules, id)
    tally.set(target.name, sum(tally.get(target.name) ?? NO_EDITS, done))
    for (const outcome of ['applied', 'refused', 'lost'] as const)
      runtime.telemetry.edits(target.name, outcome, done[outcome])
    return jobs.map((job) => ({ id: job.id, status: 'completed', output: { ...done } }))
  } catch (error) {
    if (jobs.some((job) => job.retryCount >= job.retryLimit)) {
      // Before the job is dead. Edits that stay as they are, for the database is away, are found by the recovery.
      const refused = await giveUp(context, target, id, failureOf(error).code).catch(() => 0)
      runtime.telemetry.edits(target.name, 'failed', refused)
    }
    return jobs.map((job) => failed(runtime, QUEUES.inbound, job, error))
  }
}

async function wait({ sql, config }: Runtime, jobs: readonly Job[]): Promise<JobResult[]> {
  if (jobs.length === 0) return []
  const needless = await handBack(sql, config.schemas, QUEUES.inbound, jobs, UNKNOWN_TARGET_DELAY_MS)
  return [...needless].map(superseded)
}
