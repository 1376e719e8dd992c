import type { SchemaDriftReport } from 'pg-boss'
import { quoteTable } from '../../database/quote.ts'
import { queueDefinitions, scheduleDefinitions } from '../../queue/definitions.ts'
import { PUBLISH_ALL_FUNCTION } from '../../queue/publish-all-function.ts'
import { PUBLISH_FUNCTION } from '../../queue/publish-function.ts'
import type { QueueDefinition } from '../../queue/queues.ts'
import { RELATED_FUNCTION } from '../../queue/related-function.ts'
import { isKnownQueueSchema, QUEUE_SCHEMAS } from '../../queue/schema-version.ts'
import { error, type Finding, ok, warning } from '../../targets/finding.ts'
import { captureStates, checkCapture } from '../capture-state.ts'
import type { OperationsContext } from '../context.ts'

const MIGRATE = 'Run writeback migrate'
const REMAKE =
  'When it is empty and all workers are stopped, delete it with boss.deleteQueue, and run writeback migrate'

/** pg-boss's schema and its drift, the queues and schedules, and that changes are captured as configured. */
export async function checkQueue(context: OperationsContext): Promise<Finding[]> {
  return [
    ...(await checkSchema(context)),
    ...(await checkQueues(context)),
    ...(await checkSchedules(context)),
    ...(await checkPublishing(context)),
  ]
}

async function checkSchema({ boss, config }: OperationsContext): Promise<Finding[]> {
  const [version, drift] = await Promise.all([boss.schemaVersion(), boss.detectSchemaDrift()])
  const subject = 'pg-boss'
  const schema = `schema ${config.schemas.queue}, version ${version}`
  const findings: Finding[] = []
  if (version !== null && !isKnownQueueSchema(version)) {
    findings.push(
      warning(
        subject,
        `${schema}, is one that this library is not tested with: it knows ${QUEUE_SCHEMAS.oldest} to ${QUEUE_SCHEMAS.newest}`,
        'Install a pg-boss that prisma-writeback asks for ("npm ls pg-boss"), or a newer prisma-writeback',
      ),
    )
  }
  if (!drift.ok) {
    findings.push(
      warning(
        subject,
        `${schema} differs: ${namesOf(drift).join(', ')}`,
        'See "pg-boss doctor"; restore what differs',
      ),
    )
  }
  return findings.length > 0 ? findings : [ok(subject, `${schema}, as this version of pg-boss makes it`)]
}

function namesOf(drift: SchemaDriftReport): string[] {
  return [
    ...drift.missingTables.map((name) => `no table ${name}`),
    ...drift.missing.map(({ name }) => `no index ${name}`),
    ...drift.invalid.map(({ name }) => `index ${name} is invalid`),
    ...drift.mismatched.map(({ name }) => `index ${name} is another`),
    ...drift.missingFunctions.map(({ name }) => `no function ${name}`),
    ...drift.mismatchedFunctions.map(({ name }) => `function ${name} is another`),
    ...drift.columnDrift.map(({ table }) => `columns of ${table}`),
    ...drift.constraintDrift.map(({ table }) => `constraints of ${table}`),
    ...(drift.enumDrift ? [`type ${drift.enumDrift.name}`] : []),
  ]
}

/** Options of a queue that decide about its jobs. */
const OPTIONS = [
  'retryLimit',
  'retryDelay',
  'retryBackoff',
  'retryDelayMax',
  'expireInSeconds',
  'retentionSeconds',
  'deleteAfterSeconds',
  'deadLetter',
  'heartbeatSeconds',
  'notify',
] as const satisfies readonly (keyof QueueDefinition)[]

async function checkQueues({ boss, config }: OperationsContext): Promise<Finding[]> {
  const wanted = queueDefinitions(config)
  const present = new Map((await boss.getQueues()).map((queue) => [queue.name, queue]))
  const findings = wanted.flatMap((queue): Finding[] => {
    const subject = `queue ${queue.name}`
    const found = present.get(queue.name)
    if (found === undefined) return [error(subject, 'it does not exist: changes cannot be queued', MIGRATE)]
    if ((found.policy ?? 'standard') !== queue.policy) {
      const message = `its policy is ${found.policy}, and has to be ${queue.policy}: a policy cannot be changed`
      return [error(subject, message, REMAKE)]
    }
    if (queue.partition && !found.partition) {
      const message = 'its jobs are in the table of all queues, which slows writers down'
      return [warning(subject, message, REMAKE)]
    }
    const wrong = OPTIONS.filter((option) => queue[option] !== undefined && queue[option] !== found[option])
    return wrong.length === 0
      ? []
      : [warning(subject, `${wrong.join(', ')} differ from the configuration`, MIGRATE)]
  })
  return findings.length > 0 ? findings : [ok('queues', `${wanted.length} queues are as configured`)]
}

async function checkSchedules({ boss, config }: OperationsContext): Promise<Finding[]> {
  const present = await boss.getSchedules()
  const findings = scheduleDefinitions(config).flatMap(({ queue, cron }): Finding[] => {
    const found = present.find((one) => one.name === queue)
    if (found?.cron === cron && found.timezone === config.schedules.timeZone) return []
    return [
      warning(
        `schedule ${queue}`,
        found ? `it is ${found.cron}, and not ${cron}` : 'it does not exist',
        MIGRATE,
      ),
    ]
  })
  return findings.length > 0 ? findings : [ok('schedules', 'cleanup, recover and reconcile are scheduled')]
}

async function checkPublishing(context: OperationsContext): Promise<Finding[]> {
  const { sql, config } = context
  const findings: Finding[] = (await checkCapture(context))
    // Said of pg-boss already.
    .filter(({ code }) => code !== 'queue-schema-unknown')
    .map(({ severity, subject, message, remedy }) => ({ severity, subject, message, remedy }))
  const present = await sql.query<{ name: string }>(
    `select p.proname::text as name
     from pg_catalog.pg_proc p join pg_catalog.pg_namespace n on n.oid = p.pronamespace where n.nspname = $1`,
    [config.schemas.library],
  )
  for (const wanted of [PUBLISH_FUNCTION, PUBLISH_ALL_FUNCTION, RELATED_FUNCTION]) {
    if (present.some(({ name }) => name === wanted)) continue
    const name = quoteTable(config.schemas.library, wanted)
    findings.push(
      error('publishing', `function ${name} does not exist: writes to mirrored models fail`, MIGRATE),
    )
  }
  if (findings.length > 0) return findings
  const each = [...(await captureStates(context))]
    .map(([target, { mode }]) => `${target} by ${mode}`)
    .join(', ')
  return [ok('capture', each)]
}
