import { InvalidArgumentError } from 'commander'
import { moment as momentOf } from '../src/operations/moment.ts'

const UNITS: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
]

/** A length of time in its largest unit: `12s`, `5m`, `3h`, `9d`. */
export function duration(ms: number): string {
  for (const [unit, size] of UNITS) if (ms >= size) return `${Math.floor(ms / size)}${unit}`
  return '0s'
}

/** How long ago something was: `5m ago`; `-` for never. */
export function ago(time: Date | null, now: Date): string {
  if (time === null) return '-'
  return `${duration(Math.max(0, now.getTime() - time.getTime()))} ago`
}

/** A number with groups of digits: `1,234,567`. */
export function number(value: number): string {
  return value.toLocaleString('en-US')
}

/** One or many. */
export function count(many: number, noun: string, plural = `${noun}s`): string {
  return `${number(many)} ${many === 1 ? noun : plural}`
}

/** A moment as people write it in logs: `2026-11-21 10:15:00Z`; `-` for none. */
export function moment(time: Date | null): string {
  return time === null ? '-' : momentOf(time)
}

/**
 * Reads a length of time from the command line: `90s`, `15m`, `2h`, `7d`. Six digits
 * are more than anybody means, and less than Postgres can count.
 * @returns milliseconds
 */
export function parseDuration(text: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text)
  const size = UNITS.find(([unit]) => unit === match?.[2])?.[1]
  if (!match || size === undefined)
    throw new InvalidArgumentError('expected a length of time such as 90s, 15m, 2h or 7d.')
  return Number(match[1]) * size
}

/**
 * Reads from the command line how often something is done: timers wait for 24 days at most, and none at all is a loop.
 * @returns milliseconds
 */
export function parseInterval(text: string): number {
  const ms = parseDuration(text)
  if (ms < 1_000 || ms > 86_400_000) throw new InvalidArgumentError('expected 1s to 1d.')
  return ms
}

/** Reads a positive whole number from the command line. */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('expected a positive whole number.')
  return Number(text)
}
