import type { AsyncCommand } from 'fast-check'
import { claimOf, coveredByWorkers, dirtyRecords, type QueueModel } from './queue-model.ts'
import type { QueueWorld } from './queue-world.ts'

/** Something that a writer, a worker or time does. */
export interface QueueCommand extends AsyncCommand<QueueModel, QueueWorld> {
  check(model: Readonly<QueueModel>): boolean
}

/** Commands one after the other, each where it fits: random ones alone seldom get far. */
export class InOrder implements QueueCommand {
  readonly steps: readonly QueueCommand[]

  constructor(...steps: readonly QueueCommand[]) {
    this.steps = steps
  }

  check(model: QueueModel): boolean {
    return this.steps[0]?.check(model) === true
  }

  async run(model: QueueModel, world: QueueWorld): Promise<void> {
    for (const step of this.steps) if (step.check(model)) await step.run(model, world)
  }

  toString = () => this.steps.join('; ')
}

/**
 * What holds at every moment: somebody will come for every dirty record, and a key has one queued job at most. A record
 * may have more: one whose job is taken while a call waits for another record's writer gets a job under a key of its own.
 * @throws {Error} naming the record
 */
export async function assertNobodyForgotten(model: QueueModel, world: QueueWorld): Promise<void> {
  const jobs = await world.liveJobs()
  const created = jobs.filter((job) => job.state === 'created').map((job) => job.key)
  if (new Set(created).size < created.length)
    throw new Error(`keys with several queued jobs among ${created}`)
  const queued = new Set(jobs.filter((job) => job.state !== 'active').map((job) => job.record))
  const claims = new Set(jobs.filter((job) => job.state === 'active').map(claimOf))
  const held = coveredByWorkers(model, claims)
  for (const record of dirtyRecords(model)) {
    if (queued.has(record) || held.has(record)) continue
    throw new Error(
      `record ${record} is ${model.committed[record]} in the database and ${model.sheet[record]} in the sheet, and nobody will come for it`,
    )
  }
}

/** @throws {Error} when a job has used more attempts than it has failed */
export async function assertAttempts(model: QueueModel, world: QueueWorld): Promise<void> {
  for (const [id, attempts] of await world.attempts()) {
    const failures = model.failures.get(id) ?? 0
    if (attempts > failures)
      throw new Error(`job ${id} used ${attempts} attempts and failed ${failures} times`)
  }
}
