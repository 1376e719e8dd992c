import type { Random } from '../random.ts'
import { SPREADSHEETS } from '../spreadsheets.ts'
import type { Dyno } from '../stage/fleet.ts'
import type { Stage } from '../stage/stage.ts'
import { type FaultKind, nothingToHeal } from './fault.ts'

/** A worker that nothing is being done to. */
function pick({ fleet }: Stage, random: Random): Dyno | undefined {
  const running = fleet.dynos.filter((dyno) => dyno.expected === 'to run' && !dyno.child.end())
  return running.length === 0 ? undefined : random.of(running)
}

/** SIGKILL, in the middle of whatever it does. */
export const killed: FaultKind = {
  kind: 'worker killed',
  group: 'worker',
  weight: 4,
  lasts: [0, 0],
  make: (stage, random) => ({
    async inject() {
      const dyno = pick(stage, random)
      if (dyno) await stage.fleet.kill(dyno)
    },
    heal: nothingToHeal,
  }),
}

/** SIGKILL while its write is on its way: the write arrives after another worker has taken over. */
export const killedWhileWriting: FaultKind = {
  kind: 'worker killed, its write arrives late',
  group: 'worker',
  weight: 3,
  lasts: [0, 0],
  make: (stage, random) => ({
    async inject() {
      const spreadsheetId = random.of(Object.values(SPREADSHEETS))
      const holder = await heldBy(stage, spreadsheetId, random.between(4_000, 8_000))
      if (holder) await stage.fleet.kill(holder)
    },
    heal: nothingToHeal,
  }),
}

/** Waits until a write for the spreadsheet is being held up. @returns the worker that sent it */
async function heldBy(stage: Stage, spreadsheetId: string, ms: number): Promise<Dyno | undefined> {
  if (!(await stage.sheets.hold(spreadsheetId, ms))) return undefined
  const [lane] = await stage.database.query<{ holder: string | null }>(
    'select holder from sync_lane where id = $1',
    [spreadsheetId],
  )
  const pid = Number(lane?.holder?.split(':').at(-1))
  return stage.fleet.dynos.find((dyno) => dyno.child.pid === pid)
}

/** SIGTERM, sometimes twice. */
export const terminated: FaultKind = {
  kind: 'worker terminated',
  group: 'worker',
  weight: 4,
  lasts: [0, 0],
  make: (stage, random) => ({
    async inject() {
      const dyno = pick(stage, random)
      if (dyno) await stage.fleet.leave(dyno, random.between(1, 2))
    },
    heal: nothingToHeal,
  }),
}

/** SIGSTOP for longer than its heartbeat and its lane last, then SIGCONT: believed dead, it goes on. */
export const stopped: FaultKind = {
  kind: 'worker stopped and woken',
  group: 'worker',
  weight: 2,
  lasts: [36_000, 50_000],
  make: (stage, random) => {
    let dyno: Dyno | undefined
    return {
      async inject() {
        dyno = pick(stage, random)
        if (!dyno) return
        dyno.expected = 'to stand still'
        dyno.child.process.kill('SIGSTOP')
      },
      async heal() {
        if (!dyno) return
        dyno.child.process.kill('SIGCONT')
        // Meanwhile it may have been told to leave, or another process may run in its place.
        if (dyno.expected === 'to stand still') dyno.expected = 'to run'
      },
    }
  },
}

/** The same for a moment: nobody believes it dead. */
export const paused: FaultKind = {
  kind: 'worker stopped for a moment',
  group: 'worker',
  weight: 2,
  lasts: [1_000, 8_000],
  make: stopped.make,
}
