import fc from 'fast-check'
import {
  countFailures,
  type HeldJob,
  newWorker,
  type QueueModel,
  type WorkerModel,
  type WorkerStage,
} from './queue-model.ts'
import { assertNobodyForgotten, InOrder, type QueueCommand } from './queue-rules.ts'
import type { QueueWorld } from './queue-world.ts'
import type { Session } from './sessions.ts'

/** A command of one worker. None of them waits for a lock. */
abstract class WorkerCommand implements QueueCommand {
  readonly worker: number

  constructor(worker: number) {
    this.worker = worker
  }

  check(model: QueueModel): boolean {
    const worker = model.workers[this.worker]
    return worker !== undefined && this.fits(worker, model)
  }

  async run(model: QueueModel, world: QueueWorld): Promise<void> {
    const worker = model.workers[this.worker] as WorkerModel
    await this.act(worker, model, world, world.workers[this.worker] as Session)
    await world.stepper.rest()
    await assertNobodyForgotten(model, world)
  }

  protected abstract fits(worker: WorkerModel, model: QueueModel): boolean
  protected abstract act(
    worker: WorkerModel,
    model: QueueModel,
    world: QueueWorld,
    session: Session,
  ): Promise<void>

  protected freeLane(model: QueueModel): void {
    if (model.lane === this.worker) model.lane = null
  }
}

export class Fetch extends WorkerCommand {
  readonly batchSize: number

  constructor(worker: number, batchSize: number) {
    super(worker)
    this.batchSize = batchSize
  }

  override fits = (worker: WorkerModel) => worker.stage === 'idle'

  override async act(worker: WorkerModel, _model: QueueModel, world: QueueWorld, session: Session) {
    await session.client.query('begin')
    const jobs = await world.fetch(session, this.batchSize)
    if (jobs.length === 0) await session.client.query('commit')
    else Object.assign(worker, { ...newWorker(), jobs, stage: 'fetching' satisfies WorkerStage })
  }

  override toString = () => `worker ${this.worker}: fetch ${this.batchSize}`
}

type FetchEnd = 'committed' | 'rolled back' | 'committed, answer lost'

/** A fetch is one statement; its transaction ends, or its connection does, before or after that. */
export class EndFetch extends WorkerCommand {
  readonly how: FetchEnd

  constructor(worker: number, how: FetchEnd) {
    super(worker)
    this.how = how
  }

  override fits = (worker: WorkerModel) => worker.stage === 'fetching'

  override async act(worker: WorkerModel, model: QueueModel, _world: QueueWorld, session: Session) {
    await session.client.query(this.how === 'rolled back' ? 'rollback' : 'commit')
    if (this.how === 'committed') worker.stage = 'holding'
    else {
      if (this.how === 'committed, answer lost') model.orphans.push(...worker.jobs)
      Object.assign(worker, newWorker())
    }
  }

  override toString = () => `worker ${this.worker}: fetch ${this.how}`
}

/** Takes the lane, then reads the records. */
export class Read extends WorkerCommand {
  override fits = (worker: WorkerModel, model: QueueModel) =>
    worker.stage === 'holding' && model.lane === null

  override async act(worker: WorkerModel, model: QueueModel, world: QueueWorld) {
    model.lane = this.worker
    worker.values = await world.read(worker.jobs.map((job) => job.record))
    worker.stage = 'read'
  }

  override toString = () => `worker ${this.worker}: read`
}

/** Writes the sheet. Whoever has lost the lane is refused there, by the fence. */
export class WriteSheet extends WorkerCommand {
  override fits = (worker: WorkerModel) => worker.stage === 'read'

  override async act(worker: WorkerModel, model: QueueModel) {
    if (model.lane === this.worker) {
      for (const [record, value] of worker.values) model.sheet[record] = value
      worker.stage = 'done'
    } else worker.stage = 'deferred'
    this.freeLane(model)
  }

  override toString = () => `worker ${this.worker}: write the sheet`
}

/** The sheet is away, or a record cannot be written. */
class GiveUp extends WorkerCommand {
  readonly outcome: 'deferred' | 'failed'

  constructor(worker: number, outcome: 'deferred' | 'failed') {
    super(worker)
    this.outcome = outcome
  }

  override fits = (worker: WorkerModel) => worker.stage === 'holding' || worker.stage === 'read'

  override async act(worker: WorkerModel, model: QueueModel) {
    worker.stage = this.outcome
    this.freeLane(model)
  }

  override toString = () => `worker ${this.worker}: ${this.outcome}`
}

export class HandBack extends WorkerCommand {
  override fits = (worker: WorkerModel) => worker.stage === 'deferred'

  override async act(worker: WorkerModel, _model: QueueModel, world: QueueWorld) {
    worker.superseded = await world.handBack(worker.jobs)
    worker.stage = 'handed back'
  }

  override toString = () => `worker ${this.worker}: hand back`
}

/**
 * The handler returns and pg-boss settles the batch: what is done is completed, what failed is failed, and so is what
 * the handler says nothing about, which is how it returns jobs that it has handed back.
 */
export class Settle extends WorkerCommand {
  override fits = (worker: WorkerModel) => ['done', 'failed', 'handed back'].includes(worker.stage)

  override async act(worker: WorkerModel, model: QueueModel, world: QueueWorld) {
    if (worker.stage === 'done') await world.complete(worker.jobs)
    if (worker.stage === 'failed') countFailures(model, await world.fail(worker.jobs))
    if (worker.stage === 'handed back') {
      const isSuperseded = (job: HeldJob) => worker.superseded.has(job.id)
      await world.complete(worker.jobs.filter(isSuperseded))
      const failed = await world.fail(worker.jobs.filter((job) => !isSuperseded(job)))
      if (failed.size > 0)
        throw new Error('a job that was handed back failed in the hands of whoever has it now')
    }
    Object.assign(worker, newWorker())
  }

  override toString = () => `worker ${this.worker}: settle`
}

class Die extends WorkerCommand {
  override fits = (worker: WorkerModel) => worker.stage !== 'idle' && worker.stage !== 'fetching'

  override async act(worker: WorkerModel, model: QueueModel) {
    model.orphans.push(...worker.jobs)
    Object.assign(worker, newWorker())
    this.freeLane(model)
  }

  override toString = () => `worker ${this.worker}: dies`
}

/** A worker is not heard of for too long, loses its jobs, perhaps its lane, and goes on as if nothing had happened. */
class LoseClaims extends WorkerCommand {
  readonly laneToo: boolean

  constructor(worker: number, laneToo: boolean) {
    super(worker)
    this.laneToo = laneToo
  }

  override fits = (worker: WorkerModel) => worker.stage !== 'idle' && worker.stage !== 'fetching'

  override async act(worker: WorkerModel, model: QueueModel, world: QueueWorld) {
    countFailures(model, await world.lapse(worker.jobs))
    if (this.laneToo) this.freeLane(model)
  }

  override toString = () => `worker ${this.worker}: loses its claims${this.laneToo ? ' and the lane' : ''}`
}

/** The jobs of dead workers are found. */
export class FindOrphans implements QueueCommand {
  check = (model: QueueModel) => model.orphans.length > 0

  async run(model: QueueModel, world: QueueWorld) {
    countFailures(model, await world.lapse(model.orphans))
    model.orphans = []
    await assertNobodyForgotten(model, world)
  }

  toString = () => 'the jobs of dead workers lapse'
}

/** Time passes: whatever waits for its next try may be fetched. */
export class RetriesAreDue implements QueueCommand {
  check = () => true
  run = (_model: QueueModel, world: QueueWorld) => world.retriesAreDue()
  toString = () => 'retries are due'
}

/** What workers may do, and what happens to them. */
export function workerCommands(workers: number): fc.Arbitrary<QueueCommand>[] {
  const worker = fc.nat(workers - 1)
  const end = fc.constantFrom<FetchEnd>(
    'committed',
    'committed',
    'committed',
    'rolled back',
    'committed, answer lost',
  )
  return [
    fc.tuple(worker, fc.constantFrom(1, 10)).map(([who, size]) => new Fetch(who, size)),
    fc.tuple(worker, end).map(([who, how]) => new EndFetch(who, how)),
    worker.map((who) => new InOrder(new Fetch(who, 10), new EndFetch(who, 'committed'), new Read(who))),
    worker.map((who) => new Read(who)),
    worker.map((who) => new InOrder(new WriteSheet(who), new HandBack(who), new Settle(who))),
    worker.map((who) => new WriteSheet(who)),
    fc.tuple(worker, fc.constantFrom('deferred', 'failed')).map(([who, outcome]) => new GiveUp(who, outcome)),
    worker.map((who) => new HandBack(who)),
    worker.map((who) => new Settle(who)),
    worker.map((who) => new Die(who)),
    fc.tuple(worker, fc.boolean()).map(([who, lane]) => new LoseClaims(who, lane)),
    fc.constant(new FindOrphans()),
    fc.constant(new RetriesAreDue()),
  ]
}
