import { describe, it } from 'vitest'
import { until } from '../../support/wait.ts'
import { endLaneSessions } from './support/lane-sessions.ts'
import { reconcile } from './support/reconcile.ts'
import { TabAtWork } from './support/tab-at-work.ts'

/*
 * People act between a read and the write that follows, and right after it the worker loses its lane: it lives, but
 * another one goes on before it can put right what it hit, and people act meanwhile. `LOST_SEED=N` runs a seed again.
 * Remarks are not judged: what the other worker made of a row is the record's row from then on (death-in-a-race.test.ts).
 */

const STEPS = 8
/** Each of them failed once. */
const SEEDS = [2, 5, 8, 9, 10, 13, 17, 20, 21, 25]
const WRITE = 'spreadsheets.batchUpdate'

/** A worker writes, people act before its writes, and it loses its lane when so many of them are applied. */
async function loseLane(
  { stage, dirty }: TabAtWork,
  writes: number,
  act: () => Promise<void>,
): Promise<void> {
  const { control } = stage.emulator
  const version = () => control.spreadsheets.find(stage.spreadsheetId).version
  const hang = () => control.faults.add({ kind: 'hang', ms: 1_500, match: { method: WRITE } })
  let left = writes
  let before = Number.POSITIVE_INFINITY
  const undo = control.before(async ({ method }) => {
    if (method !== WRITE || left === 0) return
    await act()
    left--
    // A call that has arrived is not hit any more.
    if (left === 1) hang()
    if (left === 0) before = version()
  })
  if (writes === 1) hang()
  let isDone = false
  const writing = stage.write(dirty).finally(() => (isDone = true))
  await until('the last write is applied', () => isDone || version() > before)
  undo()
  await endLaneSessions(stage)
  await writing
  control.faults.remove()
}

async function run(seed: number): Promise<void> {
  const tab = await TabAtWork.open(seed)
  const { stage, random } = tab
  const another = stage.newWriter()
  try {
    for (let step = 0; step < STEPS; step++) {
      const done: string[] = []
      tab.changeSome()
      const writes = random.between(1, 3)
      const chance = random.of([0.3, 0.6, 1])
      await loseLane(tab, writes, async () => {
        if (random.chance(chance)) done.push(await tab.act())
      })
      const whoGoesOn = random.of(['another', 'another, and compares', 'the same'])
      done.push(`lost in write ${writes}`, whoGoesOn)
      if (whoGoesOn !== 'the same') await tab.writeAll(another)
      if (whoGoesOn === 'another, and compares') await reconcile(stage, another)
      for (let acts = random.between(0, 2); acts > 0; acts--) done.push(await tab.act())
      await tab.writeAll()
      // What a batch left open is put right by the next one, which is at its end when another one has been.
      await tab.tidyUp()
      await tab.tidyUp()
      await reconcile(stage, another)
      await tab.tidyUp()
      await tab.expectInOrder(step, done, false)
      if (random.chance(0.5)) await tab.act()
    }
  } finally {
    await stage.close()
  }
}

describe('a worker loses its lane in a race, and lives', () => {
  const seeds = process.env.LOST_SEED ? process.env.LOST_SEED.split(',').map(Number) : SEEDS
  it.each(seeds)('and all is right in the end, seed %i', (seed) => run(seed), 120_000)
})
