import type { DifferentialResult } from './run.ts'
import type { Difference } from './session.ts'
import { describeUnit } from './units.ts'

/** Differences that are described in full. */
const SHOWN = 5

/** What a run found, for people. */
export function report(result: DifferentialResult): string {
  const unreported = result.missed.filter((one) => !one.reported)
  const lines = [
    `${result.mode}, seed ${result.seed}`,
    ...result.leftOut.map((what) => `left out     ${what}`),
    `operations   ${result.operations} in ${result.units} units: ${result.committed} committed, ${result.rolledBack} rolled back, ${result.failed} refused`,
    `refused      ${result.refused} of ${result.issued} operations, ${percent(result.refused, result.issued)}${reasons(result)}; ${result.putAside} more were put aside`,
    `trace        ${result.trace}`,
    `changed      ${result.changed}`,
    `published    ${result.published}`,
    `missed       ${result.missed.length}${result.missed.length > 0 ? `, ${unreported.length} of them without a report` : ''}`,
    `reported     ${result.reported} calls other than raw SQL`,
    `superfluous  ${result.superfluous.length}`,
    `extra        ${result.extra} of targets with an include, whose change is filtered out or was taken back`,
    ...[...result.kinds]
      .sort()
      .map(([kind, { units, missed }]) => `  ${kind.padEnd(14)} ${units} units, ${missed} with a miss`),
  ]
  // Of the extension superfluous ones are no mistake.
  const told = result.mode === 'trigger' ? [...unreported, ...result.superfluous] : unreported
  for (const one of told.slice(0, SHOWN)) lines.push('', describe(one))
  for (const { unit, error } of result.refusedByCapture.slice(0, SHOWN))
    lines.push('', `refused with capture alone: ${String(error)}`, describeUnit(unit))
  return lines.join('\n')
}

/** The results of several runs as a table, a line for each way to capture and a line for each run. */
export function summary(results: readonly DifferentialResult[]): string {
  const rows = [...Map.groupBy(results, ({ mode }) => mode)].flatMap(([mode, ofMode]) => [
    ...ofMode.map((one) => [`${mode} ${one.seed}`, ...figures([one])]),
    [`${mode}, all`, ...figures(ofMode)],
  ])
  const head = [
    '',
    'operations',
    'refused',
    'changed',
    'published',
    'missed',
    'unreported',
    'reported',
    'superfluous',
    'extra',
  ]
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
  return [head, ...rows].map(line).join('\n')
}

function figures(results: readonly DifferentialResult[]): string[] {
  const sum = (of: (result: DifferentialResult) => number) =>
    results.reduce((total, result) => total + of(result), 0)
  return [
    `${sum((one) => one.operations)}`,
    percent(
      sum((one) => one.refused),
      sum((one) => one.issued),
    ),
    `${sum((one) => one.changed)}`,
    `${sum((one) => one.published)}`,
    `${sum((one) => one.missed.length)}`,
    `${sum((one) => one.missed.filter(({ reported }) => !reported).length)}`,
    `${sum((one) => one.reported)}`,
    `${sum((one) => one.superfluous.length)}`,
    `${sum((one) => one.extra)}`,
  ]
}

/** A share, in per cent. */
function percent(part: number, whole: number): string {
  return `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`
}

function reasons({ reasons: of }: DifferentialResult): string {
  const counts = [...of].sort(([, a], [, b]) => b - a).map(([reason, count]) => `${reason} ${count}`)
  return counts.length > 0 ? ` (${counts.join(', ')})` : ''
}

function describe({ target, id, unit, reported }: Difference): string {
  return `${target} ${id}${reported ? ' (reported)' : ''} by ${describeUnit(unit)}`
}
