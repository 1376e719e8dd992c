import { quoteTable } from '../../database/quote.ts'
import { error, type Finding, ok, warning } from '../finding.ts'
import type { OperatorServices } from '../operator.ts'
import { type Remote, remoteOf } from './remote.ts'
import { type ApiTarget, isQuantity, type PlaceRecord } from './target.ts'

/** Looks whether outside systems answer, and whether a lost answer can be found out exactly. Reads one record of each. */
export async function checkSystems(
  services: OperatorServices,
  targets: readonly ApiTarget[],
): Promise<readonly Finding[]> {
  const found = await Promise.all(targets.map((target) => checkSystem(services, target)))
  return found.flat()
}

async function checkSystem(services: OperatorServices, target: ApiTarget): Promise<Finding[]> {
  const subject = `target ${target.name}`
  const remote = remoteOf(target, new AbortController().signal)
  const probe = target.probe ? await remote.probe() : undefined
  const id = await someRecord(services, target.name)
  const read = id === undefined ? undefined : await remote.get(id)
  const bad = [probe, read].find((answer) => answer?.ok === false)
  if (bad?.ok === false) {
    const reason = bad.problem.kind === 'lane' ? bad.problem.failure.message : bad.problem.reason
    return [error(subject, `the outside system cannot be read: ${reason}`, 'Correct its address, or its key')]
  }
  if (!probe && !read)
    return [ok(subject, 'nothing was written yet, and it has no probe: nothing to look at')]
  const said = ok(subject, 'the outside system answers')
  return [said, ...weaknesses(target, subject, read)]
}

/** What a lost answer may cost. */
function weaknesses(
  target: ApiTarget,
  subject: string,
  read: Awaited<ReturnType<Remote['get']>> | undefined,
): Finding[] {
  const counts = Object.keys(target.strategies).filter((name) => isQuantity(target, name))
  if (counts.length === 0 || target.keysKeptHours > 0) return []
  const record: PlaceRecord | null | undefined = read?.ok ? read.value : undefined
  const missing =
    record && record.etag === undefined ? 'neither idempotency keys nor an etag' : 'no idempotency keys'
  return [
    warning(
      subject,
      `it has ${missing}, and quantities (${counts.join(', ')}): when an answer is lost while somebody else moves one, a person has to decide`,
      'Send idempotencyKey, if the system knows such keys, and set keysKeptHours',
    ),
  ]
}

/** A record that stands in the place as far as is known. */
async function someRecord({ sql, schemas }: OperatorServices, target: string): Promise<string | undefined> {
  const [row] = await sql.query<{ id: string }>(
    `select record_key as id from ${quoteTable(schemas.library, 'sync_record')}
     where target = $1 and hash is not null order by record_key limit 1`,
    [target],
  )
  return row?.id
}
