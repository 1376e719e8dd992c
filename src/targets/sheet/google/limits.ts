import { LANE_SILENCE_MS } from '../../../lane/lock.ts'
/** Bounds of the Sheets target. Times in milliseconds. */
export interface Limits {
  /** After this a read is given up. */
  readonly readTimeout: number
  /** After this a write is given up; it may have been carried out. Google itself gives up after 180 s. */
  readonly writeTimeout: number
  /** Bytes of one write, roughly; Google advises 2 MB. */
  readonly batchBytes: number
  /** Records that one round reads and writes. */
  readonly batchRecords: number
  /** A tab of at most so many cells is read whole for every batch. */
  readonly wholeTabCells: number
  /** How long a longer tab is read without its key column after that was read whole, see `NarrowRead`. */
  readonly narrowFor: number
  /** How long requests wait for others when the quota runs low and the lane was just busy. */
  readonly linger: number
  /** How long a batch waits for another worker to leave the lane before it is handed back. */
  readonly laneWait: number
  /** After this much silence Postgres ends the session that holds lanes: a frozen worker loses them then. */
  readonly laneSilence: number
  /** How long a call in flight may take to end after the worker was told to leave. */
  readonly leaveWithin: number
}

export const DEFAULT_LIMITS: Limits = {
  readTimeout: 30_000,
  writeTimeout: 60_000,
  batchBytes: 2_000_000,
  batchRecords: 5_000,
  wholeTabCells: 10_000,
  narrowFor: 60_000,
  linger: 250,
  laneWait: 15_000,
  laneSilence: LANE_SILENCE_MS,
  leaveWithin: 10_000,
}
