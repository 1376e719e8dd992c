import { answers, away, late, revoked } from './api.ts'
import { migration, overlap } from './deploys.ts'
import type { FaultKind } from './fault.ts'
import { redisFrozen, redisRestarted, searchLocked, stockFaults } from './places.ts'
import {
  backendsTerminated,
  connectionsExhausted,
  longTransaction,
  restartedFast,
  restartedImmediate,
  rowsLocked,
} from './postgres.ts'
import { killed, killedWhileWriting, paused, stopped, terminated } from './workers.ts'

export type { Fault, FaultGroup, FaultKind } from './fault.ts'

/** Everything that goes wrong, people's doings apart. */
export const FAULTS: readonly FaultKind[] = [
  killed,
  killedWhileWriting,
  terminated,
  stopped,
  paused,
  restartedFast,
  restartedImmediate,
  backendsTerminated,
  connectionsExhausted,
  longTransaction,
  rowsLocked,
  ...answers,
  away,
  revoked,
  late,
  ...stockFaults,
  searchLocked,
  redisRestarted,
  redisFrozen,
  overlap,
  migration,
]

/** @throws {Error} for a kind that no fault has */
export function faultByKind(kind: string): FaultKind {
  const found = FAULTS.find((fault) => fault.kind === kind)
  if (!found) throw new Error(`there is no fault "${kind}"`)
  return found
}
