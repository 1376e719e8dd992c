import type { EntryComparison } from '../targets/operator.ts'
import { kindOf } from '../targets/target.ts'
import { assertTarget, type OperationsContext } from './context.ts'

/**
 * Puts a record beside its entry in a target and the base. Writes nothing.
 * @param client the application's Prisma client
 * @returns undefined for a kind of target whose entries cannot be read
 * @throws WritebackError `TARGET_UNKNOWN`, and what reading the place throws
 */
export async function showRecord(
  context: OperationsContext,
  name: string | null,
  id: string,
  client: object,
): Promise<EntryComparison | undefined> {
  const target = assertTarget(context, name)
  const { config, sql, variables } = context
  const services = { sql, schemas: config.schemas, dataModel: config.dataModel, variables }
  return await kindOf(target).operator.show?.(services, client, target, id)
}
