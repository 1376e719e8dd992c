import { counts, median, type RunJson } from './report.ts'

/** Several runs, added up. */
export interface Summary {
  readonly passed: readonly number[]
  readonly failed: readonly number[]
  readonly writes: Readonly<Record<string, number>>
  readonly faults: Readonly<Record<string, number>>
  readonly people: Readonly<Record<string, number>>
  /** Milliseconds until changes reached every sheet again, by kind of fault, all runs together. */
  readonly recovery: Readonly<
    Record<string, { readonly times: number; readonly medianMs: number; readonly maxMs: number }>
  >
}

export function summarize(runs: readonly RunJson[]): Summary {
  const recovery = new Map<string, number[]>()
  for (const run of runs) {
    for (const [kind, { times }] of Object.entries(run.recovery))
      recovery.set(kind, [...(recovery.get(kind) ?? []), ...times])
  }
  const seeds = (passed: boolean) => runs.filter((run) => run.passed === passed).map(({ seed }) => seed)
  return {
    passed: seeds(true).sort((a, b) => a - b),
    failed: seeds(false).sort((a, b) => a - b),
    writes: added(runs.map(({ writes }) => writes)),
    faults: added(runs.map(({ faults }) => faults)),
    people: added(runs.map(({ people }) => people)),
    recovery: Object.fromEntries(
      [...recovery]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([kind, times]) => [
          kind,
          { times: times.length, medianMs: median(times), maxMs: Math.max(...times) },
        ]),
    ),
  }
}

export function renderSummary({ passed, failed, writes, faults, people, recovery }: Summary): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`.padStart(8)
  return [
    `${passed.length} of ${passed.length + failed.length} seeds passed${failed.length > 0 ? `; failed: ${failed.join(', ')}` : ''}`,
    `  writes    ${counts(Object.entries(writes))}`,
    `  faults    ${counts(Object.entries(faults))}`,
    `  people    ${counts(Object.entries(people))}`,
    '  recovery    median      max  measured',
    ...Object.entries(recovery).map(
      ([kind, { times, medianMs, maxMs }]) =>
        `          ${seconds(medianMs)} ${seconds(maxMs)} ${String(times).padStart(9)}  ${kind}`,
    ),
  ].join('\n')
}

function added(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {}
  for (const one of all) for (const [kind, count] of Object.entries(one)) sum[kind] = (sum[kind] ?? 0) + count
  return sum
}
