/*
 * The model of "dirty records". It knows nothing of queues: a record is dirty while the sheet shows another value than
 * the one that was last committed. What a queue has to see to is that somebody comes for every dirty record.
 */

/** A record that a worker holds a job for. */
export interface HeldJob {
  readonly id: string
  readonly record: number
  /** As fetched: it names the claim. */
  retryCount: number
}

/** What a writer's transaction has done and not committed. */
export interface WriterLevel {
  readonly values: ReadonlyMap<number, number>
  /** Written, not yet published. */
  readonly unpublished: ReadonlySet<number>
}

export interface WriterModel {
  /** The transaction and the savepoints in it, outermost first; empty outside of a transaction. */
  levels: WriterLevel[]
  /** True while its statement waits for another session. */
  blocked: boolean
}

/** How far a worker is with its batch. */
export type WorkerStage =
  | 'idle'
  /** The fetch has not been committed. */
  | 'fetching'
  | 'holding'
  /** It has read the records and not written the sheet. */
  | 'read'
  /** What it will tell the queue. */
  | 'done'
  | 'failed'
  | 'deferred'
  /** Handed back, not yet returned from the handler. */
  | 'handed back'

export interface WorkerModel {
  stage: WorkerStage
  jobs: readonly HeldJob[]
  /** What it read, by record. */
  values: ReadonlyMap<number, number>
  /** Jobs that need no handing back. */
  superseded: ReadonlySet<string>
}

export interface QueueModel {
  /** Values by record. */
  readonly committed: number[]
  readonly sheet: number[]
  readonly writers: readonly WriterModel[]
  readonly workers: readonly WorkerModel[]
  /** The worker that may write the sheet. */
  lane: number | null
  nextValue: number
  /** Jobs whose worker died. */
  orphans: HeldJob[]
  /** Failures by job: what it failed of, or a claim that lapsed. Only these may use up attempts. */
  readonly failures: Map<string, number>
}

export function newModel(records: number, writers: number, workers: number): QueueModel {
  return {
    committed: Array(records).fill(0),
    sheet: Array(records).fill(0),
    writers: Array.from({ length: writers }, () => ({ levels: [], blocked: false })),
    workers: Array.from({ length: workers }, newWorker),
    lane: null,
    nextValue: 1,
    orphans: [],
    failures: new Map(),
  }
}

export function newWorker(): WorkerModel {
  return { stage: 'idle', jobs: [], values: new Map(), superseded: new Set() }
}

/** The records whose row in the sheet is not the committed one. */
export function dirtyRecords(model: QueueModel): number[] {
  return model.committed.flatMap((value, record) => (value === model.sheet[record] ? [] : [record]))
}

/** Names a claim: pg-boss counts a job's claims. */
export function claimOf(job: Pick<HeldJob, 'id' | 'retryCount'>): string {
  return `${job.id}:${job.retryCount}`
}

/**
 * The records that workers will bring up to date with the jobs they hold, as long as those are theirs.
 * @param claims jobs that are active
 */
export function coveredByWorkers(model: QueueModel, claims: ReadonlySet<string>): Set<number> {
  const covered = new Set<number>()
  const cover = (jobs: readonly HeldJob[]) => {
    for (const job of jobs) if (claims.has(claimOf(job))) covered.add(job.record)
  }
  cover(model.orphans)
  model.workers.forEach(({ stage, jobs, values }, index) => {
    if (stage === 'done' || stage === 'handed back') return
    // What was read before the commit is written all the same, unless the lane is lost.
    const writesWhatItRead = stage === 'read' && model.lane === index
    cover(jobs.filter(({ record }) => !writesWhatItRead || values.get(record) === model.committed[record]))
  })
  return covered
}

export function countFailures(model: QueueModel, ids: Iterable<string>): void {
  for (const id of ids) model.failures.set(id, (model.failures.get(id) ?? 0) + 1)
}
