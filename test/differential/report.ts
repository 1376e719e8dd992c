import type { Difference, DifferentialResult } from './run.ts'

/** Differences that are described in full. */
const SHOWN = 5

/** What a run found, for people. */
export function report(result: DifferentialResult): string {
  const unreported = result.missed.filter((one) => !one.reported)
  const lines = [
    `seed ${result.seed}`,
    `operations   ${result.operations} in ${result.units} units: ${result.committed} committed, ${result.rolledBack} rolled back, ${result.failed} refused`,
    `changed      ${result.changed}`,
    `published    ${result.published}`,
    `missed       ${result.missed.length}${result.missed.length > 0 ? `, ${unreported.length} of them without a report` : ''}`,
    `superfluous  ${result.superfluous.length}`,
    `extra        ${result.extra} of targets with an include, whose change is filtered out or was taken back`,
    ...[...result.kinds]
      .sort()
      .map(([kind, { units, missed }]) => `  ${kind.padEnd(14)} ${units} units, ${missed} with a miss`),
  ]
  for (const one of [...unreported, ...result.superfluous].slice(0, SHOWN)) lines.push('', describe(one))
  return lines.join('\n')
}

function describe({ target, id, unit, reported }: Difference): string {
  const calls = unit.operations.map((operation) => `  ${operation.name} ${text(operation.args)}`)
  return [
    `${target} ${id} (${unit.form}${unit.rollsBack ? ', rolled back' : ''}${reported ? ', reported' : ''})`,
    ...calls,
  ].join('\n')
}

function text(args: unknown): string {
  return JSON.stringify(args, (_key, value) => (typeof value === 'bigint' ? `${value}n` : value))
}
