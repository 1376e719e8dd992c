import type { Violation } from './judge/violation.ts'
import type { Run } from './run.ts'
import type { Cell } from './stage/sheets.ts'

const MAX_SHOWN = 8

/** A run for a person. */
export function renderRun(seed: number, run: Run): string {
  const { writes, violations, faults, doings, seconds, repeats } = run
  const lines = [
    `seed ${seed}: ${violations.length === 0 ? 'nothing lost, nothing doubled' : `${violations.length} violations`} in ${seconds.toFixed(0)} s`,
    `  writes    ${counts(Object.entries(writes))}; ${repeats} repeated`,
    `  faults    ${counts([...faults])}`,
    `  people    ${counts([...doings])}`,
    `  recovery  ${recoveryOf(run)}`,
    ...run.troubles.map((trouble) => `  trouble   ${trouble}`),
  ]
  for (const violation of violations.slice(0, MAX_SHOWN)) lines.push(...renderViolation(violation))
  if (violations.length > MAX_SHOWN) lines.push(`  and ${violations.length - MAX_SHOWN} more`)
  if (violations.length > 0) lines.push(`  logs: ${run.folder}`)
  return lines.join('\n')
}

/** The same in a line, or one more for each violation. */
export function renderLine({ seed, seconds, passed, violations, logs }: RunJson): string {
  const lines = [`seed ${seed}: ${passed ? 'passed' : `${violations.length} violations`} in ${seconds} s`]
  for (const violation of violations.slice(0, MAX_SHOWN)) lines.push(...renderViolation(violation))
  if (logs) lines.push(`  logs: ${logs}`)
  return lines.join('\n')
}

/** What {@link jsonOf} says. */
export interface RunJson {
  readonly seed: number
  readonly passed: boolean
  readonly seconds: number
  readonly writes: Readonly<Record<string, number>>
  readonly repeats: number
  readonly faults: Readonly<Record<string, number>>
  readonly people: Readonly<Record<string, number>>
  /** Milliseconds, by kind of fault. */
  readonly recovery: Readonly<Record<string, { readonly times: readonly number[] }>>
  readonly troubles: readonly string[]
  readonly violations: readonly Violation[]
  /** Folder; only of a run that failed. */
  readonly logs?: string
}

/** The same for a program. */
export function jsonOf(seed: number, run: Run): RunJson {
  const recovery = Object.fromEntries(
    [...run.recovery].map(([kind, times]) => [
      kind,
      { medianMs: median(times), maxMs: Math.round(Math.max(...times)), times: times.map(Math.round) },
    ]),
  )
  return {
    seed,
    passed: run.violations.length === 0,
    seconds: Math.round(run.seconds),
    writes: run.writes,
    repeats: run.repeats,
    faults: Object.fromEntries(run.faults),
    people: Object.fromEntries(run.doings),
    recovery,
    troubles: run.troubles,
    violations: run.violations,
    ...(run.violations.length > 0 && { logs: run.folder }),
  }
}

function renderViolation({ kind, subject, message, rows }: Violation): string[] {
  const lines = [`  ${kind}: ${subject}: ${message}`]
  if (!rows) return lines
  const headers = new Set([...Object.keys(rows.database ?? {}), ...Object.keys(rows.sheet ?? {})])
  lines.push(`      ${'column'.padEnd(14)} ${'database'.padEnd(36)} sheet`)
  for (const header of headers) {
    const [a, b] = [show(rows.database?.[header]), show(rows.sheet?.[header])]
    lines.push(`    ${a === b ? ' ' : '!'} ${header.padEnd(14)} ${a.padEnd(36)} ${b}`)
  }
  return lines
}

function show(cell: Cell | undefined): string {
  if (cell === undefined || cell === null || cell === '') return '-'
  const text = JSON.stringify(cell)
  return text.length > 34 ? `${text.slice(0, 31)}...` : text
}

export function counts(entries: readonly (readonly [string, number])[]): string {
  const some = entries.filter(([, count]) => count > 0).sort(([, a], [, b]) => b - a)
  return some.map(([kind, count]) => `${count} ${kind}`).join(', ') || 'none'
}

function recoveryOf({ recovery }: Run): string {
  return (
    [...recovery]
      .map(([kind, times]) => {
        const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`
        return `${kind} ${seconds(median(times))} (max ${seconds(Math.max(...times))}, ${times.length})`
      })
      .join(', ') || 'not measured'
  )
}

export function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b)
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0)
}
