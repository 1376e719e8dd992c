import type { Group } from '../plan/make-plan.ts'
import type { Protection } from './index.ts'

/** What a run consists of, apart from its seed. */
export interface Provocation {
  readonly ops: number
  readonly minutes: number
  readonly workers: number
  readonly only: readonly Group[]
  readonly fault?: readonly string[]
  readonly writes?: readonly string[]
  readonly people?: readonly string[]
  /** Within how many seeds the absence has to be found. */
  readonly seeds: number
}

const usual = { ops: 600, minutes: 0.4, workers: 3, seeds: 5 } as const

/** What a protection is there for, as much of it as possible. */
export const PROVOCATIONS: Readonly<Record<Protection, Provocation>> = {
  lock: {
    ...usual,
    only: [],
    ops: 200,
    writes: ['a change, and at once another in a transaction that stays open'],
  },
  lane: { ...usual, only: [] },
  fence: { ...usual, only: ['worker'], fault: ['worker killed, its write arrives late'] },
  verification: { ...usual, only: ['people'] },
  'read-after-lane': { ...usual, only: [] },
  base: { ...usual, only: ['people'], people: ['type where their value stands'] },
}
