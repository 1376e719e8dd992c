import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { dirtyRecords, newModel, type QueueModel } from './queue-model.ts'
import { assertAttempts, type QueueCommand } from './queue-rules.ts'
import { QueueWorld } from './queue-world.ts'
import {
  EndFetch,
  Fetch,
  FindOrphans,
  HandBack,
  Read,
  RetriesAreDue,
  Settle,
  WriteSheet,
  workerCommands,
} from './worker-commands.ts'
import { Commit, RollBack, writerCommands } from './writer-commands.ts'

/*
 * Publisher and worker against the model of dirty records, on a real Postgres with a real pg-boss. Every command is a
 * step of one session; a statement that has to wait for another session's transaction is left waiting until that ends,
 * so that a run depends on nothing but its commands. A failed run prints its seed and path; replay it with
 *
 *   FC_SEED=... FC_PATH=... npx vitest run test/queue/models
 */

const RECORDS = 2
const WRITERS = 3
const WORKERS = 2

/** The same few seconds in every run of the tests; a longer search takes FC_RUNS. */
const RUNS = Number(process.env.FC_RUNS ?? 80)

/** With the lock taken out of the publishing function the property must fail within so many runs. */
const RUNS_WITHOUT_LOCK = 400

/** A failure is made shorter for so long, in milliseconds; then what was found until then is reported. */
const SEARCH_MS = 90_000

/** Rounds in which everything that is left must be worked off. */
const DRAIN_ROUNDS = 20

const seed = Number(process.env.FC_SEED ?? Math.trunc(Math.random() * 2 ** 31))
const path = process.env.FC_PATH

/** Without the lock: a seed with which a change is lost soon. Most others take some forty runs. */
const SEED_WITHOUT_LOCK = Number(process.env.FC_SEED ?? 2)

let world: QueueWorld
beforeAll(async () => {
  world = await QueueWorld.create(WRITERS, WORKERS)
})
afterAll(() => world.close())

/** Sequences of commands; most do not fit where they stand, and are passed over. */
function anything(records: number, writers: number, workers: number) {
  const all = [...writerCommands(writers, records), ...workerCommands(workers)]
  return fc.commands(all, { maxCommands: 400, size: 'max' })
}

/** In any interleaving: once everything is committed and drained, no record is stale. */
function nothingIsLost(records: number, writers: number, workers: number) {
  return fc.asyncProperty(anything(records, writers, workers), async (sequence) => {
    await world.reset(records)
    const model = newModel(records, writers, workers)
    await fc.asyncModelRun(() => ({ model, real: world }), sequence)
    await finish(model)
    expect(dirtyRecords(model), 'records whose row is stale').toEqual([])
    await assertAttempts(model, world)
  })
}

/** Ends what is open, then works everything off. */
async function finish(model: QueueModel): Promise<void> {
  const run = async (command: QueueCommand) => {
    const fits = await command.check(model)
    if (fits) await command.run(model, world)
    return fits
  }
  // A writer that waits can go on as soon as what it waits for has ended.
  for (const worker of model.workers.keys()) await run(new EndFetch(worker, 'committed'))
  while (model.writers.some((writer) => writer.levels.length > 0)) {
    for (const writer of model.writers.keys())
      (await run(new Commit(writer))) || (await run(new RollBack(writer)))
  }
  for (let round = 0; round < DRAIN_ROUNDS; round++) {
    for (const worker of model.workers.keys()) {
      await run(new EndFetch(worker, 'committed'))
      await run(new Read(worker))
      await run(new WriteSheet(worker))
      await run(new HandBack(worker))
      await run(new Settle(worker))
      await run(new FindOrphans())
      await run(new RetriesAreDue())
      await run(new Fetch(worker, 10))
    }
    const isIdle = model.workers.every((worker) => worker.stage === 'idle')
    if (isIdle && (await world.liveJobs()).length === 0) return
  }
  throw new Error(`jobs are left after ${DRAIN_ROUNDS} rounds`)
}

test('no interleaving of writers and workers loses a change', async () => {
  await fc.assert(nothingIsLost(RECORDS, WRITERS, WORKERS), {
    seed,
    numRuns: RUNS,
    interruptAfterTimeLimit: SEARCH_MS,
    ...(path && { path }),
  })
}, 120_000)

test(`without the lock in the publishing function the property fails within ${RUNS_WITHOUT_LOCK} runs`, async () => {
  await world.replacePublishFunction((sql) => {
    const changed = sql.replace(/\bfor share( of \w+)?( skip locked)?/g, '')
    expect(changed).not.toBe(sql)
    return changed
  })
  try {
    const found = await fc.check(nothingIsLost(1, 2, 1), {
      seed: SEED_WITHOUT_LOCK,
      numRuns: RUNS_WITHOUT_LOCK,
      endOnFailure: true,
    })
    expect(found.failed, `seed ${SEED_WITHOUT_LOCK}`).toBe(true)
    expect(String(found.errorInstance)).toMatch(/nobody will come for it/)
  } finally {
    await world.replacePublishFunction((sql) => sql)
  }
}, 120_000)
