import { describe, it } from 'vitest'
import type { SheetWriter } from '../../../src/targets/sheet/index.ts'
import { until } from '../../support/wait.ts'
import { beforeNextRead, beforeNextWrite } from './support/between.ts'
import { endLaneSessions } from './support/lane-sessions.ts'
import { TabAtWork } from './support/tab-at-work.ts'

/*
 * Workers die one after the other in the middle of a write, people act before the next one goes on, and calls of the dead
 * arrive late. The next worker has to put all of it right, without a comparison. `DEATHS_SEED=N` runs a seed again.
 */

const STEPS = 15
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8]

const WRITE = 'spreadsheets.batchUpdate'

/** What becomes of the last call of a worker that dies. */
const DEATHS = ['not applied', 'applied', 'late'] as const

/** When a late call is let through. */
const ARRIVALS = ['before the next worker', 'at its first read', 'at its first write', 'after it'] as const

const nothing = async () => {}

/**
 * A worker begins to write, and dies in its first call, if it makes one.
 * @returns lets the call through, if it is late; resolves once it was answered
 */
async function die({ stage, dirty }: TabAtWork, worker: SheetWriter, how: (typeof DEATHS)[number]) {
  const { emulator, spreadsheetId } = stage
  const { control } = emulator
  const version = () => control.spreadsheets.find(spreadsheetId).version
  const before = version()
  const gate = Promise.withResolvers<void>()
  let isHeld = false
  const undo = control.before(async ({ method }) => {
    if (method !== WRITE || isHeld) return
    isHeld = true
    if (how !== 'applied') await gate.promise
    if (how === 'not applied') throw new Error('never applied')
  })
  if (how === 'applied') control.faults.add({ kind: 'hang', ms: 1_000, match: { method: WRITE } })
  let isDone = false
  const dying = stage.write(dirty, undefined, worker).finally(() => (isDone = true))
  await until('the call is on its way', () => isDone || (how === 'applied' ? version() > before : isHeld))
  await endLaneSessions(stage)
  await dying
  await worker.close()
  undo()
  control.faults.remove()
  if (how === 'not applied') gate.resolve()
  if (how !== 'late' || !isHeld) return nothing
  return async () => {
    const answered = control.calls.counts().write.calls
    gate.resolve()
    await until('the late call is answered', () => control.calls.counts().write.calls > answered)
  }
}

async function run(seed: number): Promise<void> {
  const tab = await TabAtWork.open(seed)
  const { stage, random } = tab
  let worker = stage.writer
  try {
    for (let step = 0; step < STEPS; step++) {
      const how = random.of(DEATHS)
      const arrival = random.of(ARRIVALS)
      const done: string[] = [how === 'late' ? `${how}, ${arrival}` : how]
      tab.changeSome()
      const arrive = await die(tab, worker, how)
      if (how !== 'late') {
        for (let acts = random.between(0, 2); acts > 0; acts--) done.push(await tab.act())
      }
      const also = random.of(['changed back', 'changed again', 'nothing'])
      if (also === 'changed back') tab.changeBack()
      else if (also === 'changed again') tab.changeSome()
      done.push(also)
      worker = stage.newWriter()
      if (arrival === 'before the next worker') await arrive()
      else if (arrival === 'at its first read') beforeNextRead(stage, arrive)
      else if (arrival === 'at its first write') beforeNextWrite(stage, arrive)
      await tab.writeAll(worker)
      if (arrival === 'after it') await arrive()
      await tab.tidyUp(worker)
      await tab.expectInOrder(step, done)
      if (random.chance(0.5)) await tab.act()
    }
  } finally {
    await stage.close()
  }
}

describe('workers die in the middle of a write', () => {
  const seeds = process.env.DEATHS_SEED ? process.env.DEATHS_SEED.split(',').map(Number) : SEEDS
  it.each(seeds)('and all is right in the end, seed %i', (seed) => run(seed), 120_000)
})
