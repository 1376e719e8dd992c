import { type Random, randomOf } from '../peers/random.ts'

/** Options of the command line. */
export const options = {
  /** Edits, and new rows, that come at once. */
  rows: { type: 'string' },
  /** Single edits. */
  edits: { type: 'string' },
  /** Seconds that an idle spreadsheet is watched. */
  idle: { type: 'string' },
  /** Workers that are killed. */
  kills: { type: 'string' },
  /** Repeats the moments of edits and kills. */
  seed: { type: 'string' },
  /** One of the measurements. */
  only: { type: 'string' },
} as const

/** How much is measured. */
export interface Sizes {
  /** Single edits, for each way to hear of them. */
  readonly edits: number
  /** Edits, and new rows, that come at once. */
  readonly rows: number
  /** How long an idle spreadsheet is watched, in milliseconds. */
  readonly idleMs: number
  /** Workers that are killed while new rows become records, at most. */
  readonly kills: number
  readonly seed: number
  readonly random: Random
}

/** @throws {Error} that says what an option can be */
export function readSizes(given: Readonly<Record<string, unknown>>): Sizes {
  const whole = (name: keyof typeof options, otherwise: number) => {
    const text = given[name] ?? String(otherwise)
    if (typeof text !== 'string' || !/^[1-9]\d{0,8}$/.test(text))
      throw new Error(`--${name}: expected a whole number above 0`)
    return Number(text)
  }
  const seed = whole('seed', 1 + Math.floor(Math.random() * 999_999))
  return {
    edits: whole('edits', 60),
    rows: whole('rows', 1_000),
    idleMs: whole('idle', 60) * 1000,
    kills: whole('kills', 12),
    seed,
    random: randomOf(seed),
  }
}
