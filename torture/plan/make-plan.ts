import { FAULTS, type FaultGroup } from '../faults/index.ts'
import type { Action } from '../people/action.ts'
import { ACTIONS, EDITS, MOVES } from '../people/index.ts'
import { Random } from '../random.ts'
import { TABS } from '../spreadsheets.ts'
import type { Capture } from '../stage/stage.ts'
import { WRITES } from '../writes/index.ts'
import type { Step } from './step.ts'

/** What may happen in a run. */
export type Group = FaultGroup | 'people'
export const GROUPS = [
  'worker',
  'database',
  'api',
  'places',
  'deploy',
  'people',
] as const satisfies readonly Group[]

export interface PlanOptions {
  readonly seed: number
  /** Writes of the application. */
  readonly ops: number
  /** Time over which everything is spread. */
  readonly durationMs: number
  /** @defaultValue all */
  readonly groups?: readonly Group[]
  /** @defaultValue everything of the groups */
  readonly faults?: readonly string[]
  /** @defaultValue every kind of write */
  readonly writes?: readonly string[]
  /** @defaultValue everything that people do */
  readonly people?: readonly string[]
  readonly capture: Capture
}

/** Mean time between two faults, and between two things that people do; as often in writes, if those come faster. */
const FAULT_EVERY = { ms: 5_000, ops: 160 }
const PERSON_EVERY = { ms: 1_500, ops: 50 }
/** In the tab that they work in people type all the time. */
const EDIT_EVERY = { ms: 700, ops: 25 }

/** What happens between a read and a write is the hard part. */
const BETWEEN = 0.35

/** What people do when nothing is written any more: most of what they do before is followed by another change. */
const AFTERWARDS = 6

const BAD_JOBS = 2

/** Faults begin when there is something to disturb, and the last ones have time to matter. */
const QUIET_MS = 1_000

/** Everything that happens in a run, from its seed. */
export function makePlan(options: PlanOptions): Step[] {
  const { seed, ops, durationMs, capture } = options
  const groups = options.groups ?? GROUPS
  const random = new Random(seed)
  const salt = () => random.salt()
  const during = () => random.between(QUIET_MS, Math.max(QUIET_MS, Math.round(durationMs)))
  const times = (every: { ms: number; ops: number }) =>
    Math.max(1, Math.round(durationMs / every.ms), Math.round(ops / every.ops))
  const steps: Step[] = []
  const writes = WRITES.filter(
    ({ name, triggersOnly }) =>
      (capture === 'trigger' || !triggersOnly) && (options.writes?.includes(name) ?? true),
  )
  const isChosen = ({ kind }: { readonly kind: string }) => options.people?.includes(kind) ?? true
  const actions = ACTIONS.filter(isChosen)
  const moves = MOVES.filter(isChosen)
  const tabFor = (action: Action) => random.of(TABS.filter((tab) => action.suits?.(tab) ?? true))
  for (let op = 0; op < ops; op++) {
    const at = Math.round((op / ops) * durationMs)
    steps.push({ kind: 'write', at, salt: salt(), write: random.weighted(writes).name })
  }
  const faults = FAULTS.filter(
    ({ kind, group }) => groups.includes(group) && (options.faults?.includes(kind) ?? true),
  )
  if (faults.length > 0) {
    const count = times(FAULT_EVERY)
    for (let n = 0; n < count; n++) {
      const { kind, lasts } = random.weighted(faults)
      const fits = Math.min(lasts[1], Math.max(lasts[0], durationMs / 2))
      steps.push({
        kind: 'fault',
        at: during(),
        salt: salt(),
        fault: kind,
        lasts: random.between(lasts[0], Math.round(fits)),
      })
    }
  }
  if (groups.includes('people')) {
    const act = (among: readonly Action[], amongMoves: readonly Action[]) => {
      const between = random.chance(BETWEEN) && amongMoves.length > 0
      const chosen = between ? amongMoves : among
      if (chosen.length === 0) return
      const action = random.weighted(chosen)
      const { target } = tabFor(action)
      steps.push({ kind: 'person', at: during(), salt: salt(), target, action: action.kind, between })
    }
    for (let n = times(PERSON_EVERY); n > 0; n--) act(actions, moves)
    const isEdit = (action: Action) => EDITS.includes(action)
    for (let n = times(EDIT_EVERY); n > 0; n--) act(actions.filter(isEdit), moves.filter(isEdit))
  }
  for (let n = 0; n < BAD_JOBS; n++) steps.push({ kind: 'bad job', at: during(), salt: salt() })
  if (groups.includes('people') && actions.length > 0) {
    for (let n = 0; n < AFTERWARDS; n++) {
      const action = random.weighted(actions)
      const { target } = tabFor(action)
      const at = Math.max(durationMs, QUIET_MS)
      steps.push({ kind: 'afterwards', at, salt: salt(), target, action: action.kind })
    }
  }
  return steps.sort((a, b) => a.at - b.at)
}
