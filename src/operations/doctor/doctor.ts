import { messageOf } from '../../errors.ts'
import { error, type Finding } from '../../targets/finding.ts'
import { byKind } from '../../targets/target.ts'
import type { OperationsContext } from '../context.ts'
import { checkDatabase } from './check-database.ts'
import { checkQueue } from './check-queue.ts'
import { checkRecords } from './check-records.ts'
import { checkTargets } from './check-targets.ts'

/** What is looked at beside the database. */
export interface DoctorOptions {
  /**
   * The places themselves, with requests to them.
   * @defaultValue false
   */
  readonly places?: boolean
  /** What the worker's Prisma client sees; without it the database's own connection says what can be seen. */
  readonly client?: object
}

/** Looks at everything that has to be right, and says of each finding what to do. Changes nothing that stays. */
export async function examine(
  context: OperationsContext,
  { places = false, client }: DoctorOptions = {},
): Promise<Finding[]> {
  const checks: Record<string, () => Promise<readonly Finding[]>> = {
    database: () => checkDatabase(context),
    queue: () => checkQueue(context),
    records: () => checkRecords(context, client),
    targets: () => checkTargets(context),
    ...(places && { places: () => checkPlaces(context) }),
  }
  const findings: Finding[] = []
  for (const [subject, check] of Object.entries(checks)) {
    try {
      findings.push(...(await check()))
    } catch (thrown) {
      // A check that cannot be made says so, and the others are made.
      findings.push(
        error(subject, `it cannot be checked: ${messageOf(thrown)}`, 'Fix what is named above first'),
      )
    }
  }
  return findings
}

/** Looks at the places of all targets, each kind in its own way. */
export async function checkPlaces({
  config,
  sql,
  variables,
}: Pick<OperationsContext, 'config' | 'sql' | 'variables'>): Promise<Finding[]> {
  const services = { sql, schemas: config.schemas, dataModel: config.dataModel, variables }
  const findings: Finding[] = []
  for (const [{ operator }, targets] of byKind(config.targets)) {
    if (operator.check) findings.push(...(await operator.check(services, targets)))
  }
  return findings
}
