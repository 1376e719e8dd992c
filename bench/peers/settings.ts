import { env } from 'node:process'
import { PEER_NAMES } from './index.ts'

/** The measurements, in the order in which they are made. */
export const PHASES = ['publish', 'latency', 'calls', 'burst', 'quota', 'drain', 'faults'] as const
export type Phase = (typeof PHASES)[number]

/** How much a run measures. */
export interface Settings {
  readonly peers: readonly string[]
  readonly phases: ReadonlySet<Phase>
  /** Seed of the faults and of the work under them. */
  readonly seed: number
  /** Rounds of the publishing measurement, the first one not counted, and writes of a round at each concurrency. */
  readonly publishRounds: number
  readonly publishWrites: number
  /** Writes on an idle system whose way to the sheet is timed. */
  readonly latencyWrites: number
  /** Jobs to drain without a sheet, one measurement each. */
  readonly drainJobs: readonly number[]
  /** Records to drain into a sheet by this project. */
  readonly sheetRecords: readonly number[]
  /** Operations under faults, and how long to wait for the sheet to agree afterwards, in milliseconds. */
  readonly faultOperations: number
  readonly faultPatienceMs: number
}

const SHORT = { publishRounds: 3, publishWrites: 100, latencyWrites: 25, faultOperations: 400 } as const
const LONG = { publishRounds: 8, publishWrites: 300, latencyWrites: 150, faultOperations: 2000 } as const

/** What can be set, for the help of a wrong value. */
const USAGE = `PEERS_ONLY        some of ${PEER_NAMES.join(', ')}
PEERS_PHASES      some of ${PHASES.join(', ')}
PEERS_LONG=1      more samples: for figures to quote, not for a quick look
PEERS_DRAIN       jobs to drain through the queues alone, e.g. 10000,100000,1000000 (default 10000)
PEERS_SHEET       records to drain into a sheet (default 10000)
PEERS_SEED        seed of the faults (default 1)
REDIS_URL         where BullMQ finds Redis; without it BullMQ is left out`

/**
 * Reads the settings from the environment.
 * @throws {Error} that lists what can be set, for a value that cannot be
 */
export function readSettings(source: Readonly<Record<string, string | undefined>> = env): Settings {
  const sizes = source.PEERS_LONG === '1' ? LONG : SHORT
  return {
    ...sizes,
    peers: some('PEERS_ONLY', source, PEER_NAMES),
    phases: new Set(some('PEERS_PHASES', source, PHASES)),
    seed: numbers('PEERS_SEED', source, [1])[0] ?? 1,
    drainJobs: numbers('PEERS_DRAIN', source, [10_000]),
    sheetRecords: numbers('PEERS_SHEET', source, [10_000]),
    faultPatienceMs: 75_000,
  }
}

function some<Name extends string>(
  variable: string,
  source: Readonly<Record<string, string | undefined>>,
  known: readonly Name[],
): readonly Name[] {
  const wanted = list(source[variable])
  const unknown = wanted.filter((name) => !known.includes(name as Name))
  if (unknown.length > 0) throw new Error(`${variable}: there is no ${unknown.join(', ')}\n\n${USAGE}`)
  return wanted.length === 0 ? known : known.filter((name) => wanted.includes(name))
}

function numbers(
  variable: string,
  source: Readonly<Record<string, string | undefined>>,
  fallback: readonly number[],
): readonly number[] {
  const wanted = list(source[variable]).map(Number)
  if (wanted.some((number) => !Number.isInteger(number) || number < 1)) {
    throw new Error(`${variable}: expected whole numbers above 0\n\n${USAGE}`)
  }
  return wanted.length === 0 ? fallback : wanted
}

function list(text: string | undefined): string[] {
  return (text ?? '').split(',').filter((item) => item !== '')
}
