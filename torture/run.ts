import { conduct, conductAfterwards } from './conduct.ts'
import { judgeEdits } from './judge/edits.ts'
import { whatIsKnown } from './judge/known.ts'
import { judgePlaces } from './judge/places.ts'
import { judgeLeftovers, judgeQueue } from './judge/queue.ts'
import type { Violation } from './judge/violation.ts'
import { findTabs, judgeSheets } from './judge.ts'
import type { Step } from './plan/step.ts'
import { waitForRest } from './settle.ts'
import { TABS } from './spreadsheets.ts'
import { type Stage, type StageOptions, setStage } from './stage/stage.ts'
import type { WriteOutcome } from './stage/writer-messages.ts'

/** How a run ended. */
export interface Run {
  readonly violations: readonly Violation[]
  readonly writes: Readonly<Record<WriteOutcome, number>>
  readonly repeats: number
  readonly faults: ReadonlyMap<string, number>
  readonly doings: ReadonlyMap<string, number>
  /** Milliseconds until changes reached every sheet again, by kind of fault. */
  readonly recovery: ReadonlyMap<string, readonly number[]>
  readonly troubles: readonly string[]
  readonly seconds: number
  /** Where the logs are; removed when nothing is wrong. */
  readonly folder: string
}

/** What is going on, for a person who waits. */
export type Progress = (phase: string, done?: number, of?: number) => void

/** One run: sets the stage, carries out the plan, waits until everything is at rest, judges, ends everything. */
export async function run(options: StageOptions, plan: readonly Step[], progress: Progress): Promise<Run> {
  const started = performance.now()
  progress('setting the stage')
  const stage = await setStage(options)
  const violations: Violation[] = []
  try {
    violations.push(...(await atRest(stage)))
    const sheetIds = await findTabs(stage)
    // In tabs that are not there nothing can happen; the judge misses them.
    const steps = sheetIds.size === TABS.length ? plan : []
    const { facts, faults, doings, badJobs, recovery, troubles } = await conduct(stage, steps, (done) =>
      progress('carrying out', done, steps.length),
    )
    progress('waiting until everything is at rest')
    violations.push(...(await atRest(stage)))
    facts.add(stage.sheets.seen.splice(0))
    violations.push(
      ...(await judgeSheets(stage, await whatIsKnown(stage, facts, sheetIds, faults), 'worked off')),
    )
    violations.push(...(await judgePlaces(stage)))
    const afterwards = await conductAfterwards(stage, steps, facts)
    progress('comparing')
    await stage.command('reconcile', '--wait')
    violations.push(...(await atRest(stage)))
    facts.add(stage.sheets.seen.splice(0))
    const known = await whatIsKnown(stage, facts, sheetIds, faults)
    violations.push(...(await judgeSheets(stage, known, 'compared')))
    violations.push(...(await judgeEdits(stage, known)), ...(await judgePlaces(stage)))
    violations.push(...(await judgeQueue(stage, known, faults, badJobs)))
    progress('leaving')
    await stage.writer.stop()
    await stage.fleet.close()
    violations.push(...(await judgeLeftovers(stage)))
    for (const message of stage.fleet.complaints)
      violations.push({ kind: 'worker', subject: 'a worker', message })
    for (const message of stage.writer.failures)
      violations.push({ kind: 'writer', subject: 'a write', message })
    return {
      violations,
      writes: stage.writer.outcomes,
      repeats: stage.writer.repeats,
      faults,
      doings: new Map([...doings, ...afterwards]),
      recovery: recovery.times,
      troubles,
      seconds: (performance.now() - started) / 1000,
      folder: stage.folder,
    }
  } finally {
    await stage.strike(violations.length > 0)
  }
}

async function atRest(stage: Stage): Promise<Violation[]> {
  return (await waitForRest(stage)).map(({ queue, key, state, attempts, waits }) => ({
    kind: 'open jobs',
    subject: `${queue} ${key ?? ''}`,
    message: `is still ${state} after ${attempts} attempts, to be tried in ${waits}`,
  }))
}
