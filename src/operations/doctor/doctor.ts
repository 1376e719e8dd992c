import { messageOf } from '../../errors.ts'
import type { OperationsContext } from '../context.ts'
import { checkDatabase } from './check-database.ts'
import type { GoogleCheck } from './check-google.ts'
import { checkQueue } from './check-queue.ts'
import { checkRecords } from './check-records.ts'
import { checkTargets } from './check-targets.ts'
import { error, type Finding } from './finding.ts'

/**
 * Looks at everything that has to be right, and says of each finding what to do. Changes nothing.
 * @param google what to reach Google with; without it that part is left out
 * @param client the worker's Prisma client; without it the database's own connection says what can be seen
 */
export async function examine(
  context: OperationsContext,
  google: GoogleCheck | undefined,
  client?: object,
): Promise<Finding[]> {
  const findings: Finding[] = []
  const run = async (subject: string, check: () => Promise<readonly Finding[]>) => {
    try {
      findings.push(...(await check()))
    } catch (thrown) {
      // A check that cannot be made says so, and the others are made.
      findings.push(
        error(subject, `it cannot be checked: ${messageOf(thrown)}`, 'Fix what is named above first'),
      )
    }
  }
  await run('database', () => checkDatabase(context))
  await run('queue', () => checkQueue(context))
  await run('records', () => checkRecords(context, client))
  await run('targets', () => checkTargets(context))
  if (google) {
    // Google's client is loaded where it is needed only.
    const { checkGoogle } = await import('./check-google.ts')
    await run('google', () => checkGoogle(context.config, google))
  }
  return findings
}
