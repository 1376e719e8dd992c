import { setTimeout as sleep } from 'node:timers/promises'
import { type Measurement, told } from '../../measurement.ts'
import type { Arena } from '../arena.ts'
import type { Peer } from '../peer.ts'
import type { Settings } from '../settings.ts'

/** What a measurement works with. */
export interface Contest {
  readonly arena: Arena
  /** Those that can run here, this project's last. */
  readonly peers: readonly Peer[]
  readonly settings: Settings
}

/** One measurement of all peers. */
export type Measure = (contest: Contest) => AsyncGenerator<Measurement>

/** True for this project, whose figures have goals. */
export function isOurs(peer: Peer): boolean {
  return peer.name.startsWith('writeback')
}

/** Both ways to capture feed the same worker: where only the worker counts, one of them stands for both. */
export function withOneOfOurs(peers: readonly Peer[]): readonly Peer[] {
  const ours = peers.findLast(isOurs)
  return peers.filter((peer) => !isOurs(peer) || peer === ours)
}

/** A figure whose unit says what it cannot mean: null where it cannot be had on this machine. */
export function toldIfKnown(metric: string, value: number | null | undefined, unit: string): Measurement[] {
  return value === null || value === undefined ? [] : [told(metric, value, unit)]
}

/**
 * Waits for a condition.
 * @throws {Error} that names it, when it does not hold in time
 */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs: number,
  everyMs = 20,
): Promise<void> {
  const deadline = Date.now() + withinMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`)
    await sleep(everyMs)
  }
}
