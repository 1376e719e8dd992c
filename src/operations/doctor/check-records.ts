import { isWritebackError } from '../../errors.ts'
import { delegateName } from '../../model/delegate-name.ts'
import { recordsHidden, Sight } from '../../source/sight.ts'
import { error, type Finding, ok, warning } from '../../targets/finding.ts'
import type { OperationsContext } from '../context.ts'

/**
 * Whether the records of every target can be seen, all of them: what is hidden looks deleted.
 * @param client the worker's Prisma client; without it the connection of the operations is asked in its place
 */
export async function checkRecords(context: OperationsContext, client: object = {}): Promise<Finding[]> {
  const { sql, config } = context
  const sight = new Sight(client, sql, config.dataModel)
  const findings: Finding[] = []
  for (const target of config.targets) {
    try {
      await sight.assertClear(target)
    } catch (thrown) {
      findings.push(hidden(target.name, thrown))
    }
  }
  for (const name of new Set(config.targets.map(({ model }) => model))) {
    findings.push(...(await countRecords(sight, client, name, context)))
  }
  if (findings.length > 0) return findings
  const names = config.targets.map(({ name }) => name).join(', ')
  return [ok('records', `nothing hides records from the worker (${names})`)]
}

/** Counted on both sides: an extension of the client leaves no other trace. */
async function countRecords(
  sight: Sight,
  client: object,
  name: string,
  { config }: OperationsContext,
): Promise<Finding[]> {
  const model = config.dataModel.models[name]
  if (model === undefined) return []
  const before = await sight.count(model)
  if (before === undefined) {
    const message = `the connection of DATABASE_URL cannot read the table of ${name}: that a record is deleted is believed of the client`
    return [warning('records', message, 'Grant its role select on the table')]
  }
  const delegate = (client as Record<string, { count?: () => Promise<number> } | undefined>)[
    delegateName(name)
  ]
  const seen = await delegate?.count?.()
  const after = await sight.count(model)
  const least = Math.min(before, after ?? before)
  if (seen === undefined || seen >= least) return []
  return [hidden(name, recordsHidden(model, least - seen))]
}

function hidden(what: string, thrown: unknown): Finding {
  if (!isWritebackError(thrown, 'RECORDS_HIDDEN')) throw thrown
  return error(`records of ${what}`, `${thrown.code} ${thrown.problem}`, thrown.remedy ?? '')
}
