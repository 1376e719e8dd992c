import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { atMost, type Measurement, told } from '../../measurement.ts'
import type { AppMessage } from '../app-process.ts'
import type { Arena } from '../arena.ts'
import { query } from '../database.ts'
import type { Peer, Place } from '../peer.ts'
import { type Child, startChild, startWorkerChild } from '../processes.ts'
import { type Contest, isOurs } from './contest.ts'
import { type Fault, faultPlan } from './fault-plan.ts'
import { type Compared, judge, type Verdict, wrongIds } from './judge.ts'

const APP_PROCESS = fileURLToPath(new URL('../app-process.ts', import.meta.url))
const OPERATIONS_PER_SECOND = 40

/** Latency of the API, in milliseconds: calls are under way when something is killed. */
const LATENCY_MS = 20

/** A process manager starts the next one after this, in milliseconds. */
const RESTART_AFTER_MS = 300

/** How long a difference must stay, with no job left, before it counts as lost, in milliseconds. */
const NOTHING_MORE_MS = 3000

/** How a peer came out of it. */
interface Outcome {
  readonly verdict: Verdict
  /** Records of the table: none would be an agreement that means nothing. */
  readonly compared: number
  /** Records that differ and that no job is about: they stay wrong until they are written again. */
  readonly lost: number
  /** Records that differ although a job is about them: a worker that is gone still holds it. */
  readonly late: number
  /** From the end of the work and the faults until the sheet agreed with the table; null if it never did. */
  readonly settledAfterMs: number | null
}

/**
 * Changes that are lost and rows that are doubled when workers and applications are killed, Postgres is restarted and
 * the API's answers get lost. All peers at once, each with its own database, spreadsheet, worker and application; the
 * same seeded operations, and the same faults at the same moments.
 */
export async function* faults({ arena, peers, settings }: Contest): AsyncGenerator<Measurement> {
  const { seed, faultOperations, faultPatienceMs } = settings
  arena.control.latency(LATENCY_MS)
  // What other measurements wrote is not to be recovered while this one's operations wait.
  await query(arena.postgres.url, 'checkpoint')
  const teams: Team[] = []
  for (const peer of peers) teams.push(await Team.start(arena, peer, seed, faultOperations))
  try {
    for (const team of teams) team.go()
    const plan = faultPlan(seed, (faultOperations * 1000) / OPERATIONS_PER_SECOND)
    const began = performance.now()
    const struck = (async () => {
      for (const { at, fault } of plan) {
        await sleep(Math.max(0, began + at - performance.now()))
        await strike(arena, teams, fault)
      }
    })()
    const outcomes = await Promise.all(
      teams.map(async (team) => {
        await Promise.all([team.finished, struck])
        return team.settle(faultPatienceMs)
      }),
    )
    yield told('faults.injected', plan.length, 'faults')
    for (const [at, outcome] of outcomes.entries()) {
      const { peer, gaveUp } = teams[at] as Team
      yield* figures(peer, outcome)
      yield told(`faults.${peer.name}.compared`, outcomes[at]?.compared ?? 0, 'records')
      yield told(`faults.${peer.name}.worker_gave_up`, gaveUp, 'times')
    }
  } finally {
    for (const team of teams) await team.stop()
    arena.control.faults.remove()
    arena.control.noLatency()
  }
}

function* figures(peer: Peer, { lost, late, verdict, settledAfterMs }: Outcome): Generator<Measurement> {
  const figure = (metric: string, value: number, unit: string) =>
    isOurs(peer) ? atMost(metric, value, unit, 0) : told(metric, value, unit)
  yield figure(`faults.${peer.name}.lost`, lost, 'records')
  yield figure(`faults.${peer.name}.late`, late, 'records')
  yield figure(`faults.${peer.name}.doubled`, verdict.doubled, 'rows')
  if (settledAfterMs !== null) yield told(`faults.${peer.name}.settled_after`, settledAfterMs / 1000, 's')
}

async function strike(arena: Arena, teams: readonly Team[], fault: Fault): Promise<void> {
  switch (fault) {
    case 'kill-worker':
      for (const team of teams) team.killWorker()
      return
    case 'kill-application':
      for (const team of teams) team.killApplication()
      return
    case 'crash-postgres':
    case 'restart-postgres': {
      const restarted = arena.postgres.restart(fault === 'crash-postgres' ? 'immediate' : 'fast')
      // What is under way fails; what would come waits.
      for (const team of teams) team.hold(true)
      await restarted
      for (const team of teams) team.hold(false)
      return
    }
    case 'reset-after':
      for (const { place } of teams) {
        const match = { calls: 'write', spreadsheetId: place.spreadsheetId } as const
        arena.control.faults.add({ kind: 'reset-after', match })
      }
  }
}

/** A peer with its worker and its application, both started again when they end. */
class Team {
  readonly peer: Peer
  readonly place: Place
  /** Resolved when the application has done its last operation. */
  readonly finished: Promise<void>
  readonly #arena: Arena
  readonly #arguments: readonly string[]
  readonly #finish: () => void
  #worker: Child | undefined
  #application: Child | undefined
  #next = 0
  #gaveUp = 0
  #isFinished = false
  #isStopping = false

  static async start(arena: Arena, peer: Peer, seed: number, count: number): Promise<Team> {
    const team = new Team(arena, peer, await arena.open(peer, 'faults'), [peer.name, `${seed}`, `${count}`])
    team.#keepWorker()
    await team.#worker?.ready
    team.#keepApplication()
    await team.#application?.ready
    return team
  }

  private constructor(arena: Arena, peer: Peer, place: Place, args: readonly string[]) {
    const finished = Promise.withResolvers<void>()
    this.#arena = arena
    this.peer = peer
    this.place = place
    this.#arguments = args
    this.finished = finished.promise
    this.#finish = finished.resolve
  }

  /** How often its worker ended by itself: somebody has to start it again. */
  get gaveUp(): number {
    return this.#gaveUp
  }

  /** Lets the application begin. */
  go(): void {
    this.#application?.tell({ go: true })
  }

  /** Lets the application wait, or go on. */
  hold(hold: boolean): void {
    if (!this.#isFinished) this.#application?.tell({ hold })
  }

  killWorker(): void {
    this.#worker?.kill('SIGKILL')
  }

  killApplication(): void {
    if (!this.#isFinished) this.#application?.kill('SIGKILL')
  }

  /** Waits until the sheet agrees with the table, or nothing more will come, or it has taken too long. */
  async settle(patienceMs: number): Promise<Outcome> {
    const began = performance.now()
    let hopelessSince: number | null = null
    for (;;) {
      const pending = await this.peer.pending(this.place)
      const records = await this.#records()
      const verdict = judge(this.#arena.rows(this.place), records)
      const wrong = wrongIds(verdict)
      const took = performance.now() - began
      const late = wrong.filter((iata) => pending.has(iata)).length
      const outcome = { verdict, compared: records.length, late, lost: wrong.length - late }
      if (wrong.length === 0 && verdict.doubled === 0) return { ...outcome, settledAfterMs: took }
      hopelessSince = pending.size === 0 ? (hopelessSince ?? took) : null
      const hopeless = hopelessSince !== null && took - hopelessSince > NOTHING_MORE_MS
      if (hopeless || took > patienceMs) return { ...outcome, settledAfterMs: null }
      await sleep(250)
    }
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    await Promise.all([this.#worker?.stop(), this.#application?.stop()])
  }

  #records(): Promise<Compared[]> {
    return query<Compared>(this.place.databaseUrl, 'select iata_code as iata, name from airports')
  }

  #keepWorker(): void {
    if (this.#isStopping) return
    this.#worker = startWorkerChild(this.peer, this.place, 'sheet')
    void this.#worker.ended.then(({ signal, lines }) => {
      if (signal !== 'SIGKILL' && !this.#isStopping) {
        this.#gaveUp++
        process.stderr.write(
          `${this.place.name}: the worker ended by itself: ${lines.slice(-3).join(' | ')}\n`,
        )
      }
      setTimeout(() => this.#keepWorker(), RESTART_AFTER_MS)
    })
  }

  #keepApplication(): void {
    if (this.#isStopping || this.#isFinished) return
    const args = [...this.#arguments, String(this.#next), String(OPERATIONS_PER_SECOND)]
    const env = { PEER_PLACE: JSON.stringify(this.place) }
    this.#application = startChild(APP_PROCESS, args, env, (message) => {
      const tale = message as AppMessage
      if ('began' in tale) this.#next = tale.began + 1
      if (!('finished' in tale)) return
      this.#isFinished = true
      this.#finish()
    })
    void this.#application.ended.then(() => setTimeout(() => this.#keepApplication(), RESTART_AFTER_MS))
  }
}
