import type { ParseArgsConfig } from 'node:util'

/** One figure of a benchmark, as `--json` prints it. */
export interface Measurement {
  /** What was measured, e.g. `capture.extension.c1.p50`. */
  readonly metric: string
  readonly value: number
  /** Unit of the value: ms, records/s, calls, bytes, x. */
  readonly unit: string
  /** What it was compared with in the same run, in the same unit; null where there is nothing to compare with. */
  readonly baseline: number | null
  /** value / baseline; null without one. */
  readonly ratio: number | null
  /** What is to be reached, as text (`<= 1.15 x`); null for a figure that is only told. */
  readonly goal: string | null
  /** Whether this run's own figures reach the goal; null without one. */
  readonly met: boolean | null
}

/** A benchmark: yields its figures as they come. */
export interface Benchmark {
  /** Options of the command line beside `--json`. */
  readonly options?: NonNullable<ParseArgsConfig['options']>
  run(options: Readonly<Record<string, unknown>>): AsyncIterable<Measurement>
}

/** A figure that is only told. */
export function told(metric: string, value: number, unit: string): Measurement {
  return { metric, value: rounded(value), unit, baseline: null, ratio: null, goal: null, met: null }
}

/** A figure that must not be above a limit, in its own unit. */
export function atMost(metric: string, value: number, unit: string, limit: number): Measurement {
  return { ...told(metric, value, unit), goal: `<= ${limit} ${unit}`, met: value <= limit }
}

/** A figure that must reach a limit, in its own unit. */
export function atLeast(metric: string, value: number, unit: string, limit: number): Measurement {
  return { ...told(metric, value, unit), goal: `>= ${limit} ${unit}`, met: value >= limit }
}

/** A figure beside a baseline of the same run; with a limit, the ratio must not be above it. */
export function against(
  metric: string,
  value: number,
  unit: string,
  baseline: number,
  limit?: { readonly atMost: number } | { readonly atLeast: number },
): Measurement {
  const ratio = value / baseline
  const figure = { ...told(metric, value, unit), baseline: rounded(baseline), ratio: rounded(ratio) }
  if (limit === undefined) return figure
  return 'atMost' in limit
    ? { ...figure, goal: `<= ${limit.atMost} x`, met: ratio <= limit.atMost }
    : { ...figure, goal: `>= ${limit.atLeast} x`, met: ratio >= limit.atLeast }
}

/** The value below which the given share of the samples lies; the samples need not be sorted. */
export function quantile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

function rounded(value: number): number {
  return Number(value.toPrecision(4))
}
