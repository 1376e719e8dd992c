import type { Sql } from '../../database/sql.ts'
import { isKnownQueueSchema, QUEUE_SCHEMAS } from '../../queue/schema-version.ts'
import { compareObjects, MISSING } from './compare.ts'
import { readInstalled } from './installed.ts'
import type { TriggerConfig } from './objects.ts'
import { type QueueSchema, readQueueSchema } from './queue-schema.ts'

/** Something that is not as the configuration wants it. */
export interface TriggerFinding {
  /** `error`: changes are lost or writes fail. `warning`: it works, and somebody should look. */
  readonly severity: 'error' | 'warning'
  readonly code:
    | 'triggers-missing'
    | 'triggers-differ'
    | 'triggers-obsolete'
    | 'queue-schema-missing'
    | 'queue-schema-unknown'
    | 'queue-schema-incompatible'
    | 'publish-function'
  /** What it is about: a table, a function, pg-boss. */
  readonly subject: string
  readonly message: string
  readonly remedy: string
}

/**
 * Tells whether the database captures what the configuration wants, by comparing what is installed down to
 * the text of the functions, and whether pg-boss's schema is one that publishing works with. Changes nothing.
 *
 * @returns nothing when all is well
 * @throws WritebackError `CONFIG_INVALID` for a target whose model is unknown or has no usable id
 */
export async function checkTriggers(sql: Sql, config: TriggerConfig): Promise<readonly TriggerFinding[]> {
  const { helpers, tables, obsolete } = compareObjects(config, await readInstalled(sql, config.schemas))
  const findings: TriggerFinding[] = []
  for (const { wanted, wrong, isOtherVersion } of tables) {
    if (wrong.length > 0) {
      findings.push(objectFinding(`table ${wanted.schema}.${wanted.table}`, wrong, isOtherVersion))
    }
  }
  const isUpgrade = tables.some((one) => one.isOtherVersion)
  for (const { wanted, wrong } of tables.length > 0 ? helpers : []) {
    if (wrong.length > 0) findings.push(objectFinding(`function ${wanted.name}`, wrong, isUpgrade))
  }
  for (const { name, gone, triggers } of obsolete) {
    const fails = gone.length > 0 ? `; writes fail: it names ${gone.join(', ')}, and that is gone` : ''
    findings.push({
      severity: gone.length > 0 ? 'error' : 'warning',
      code: 'triggers-obsolete',
      subject: `function ${name}`,
      message: `no target needs it, and it is called by ${triggers.length} triggers${fails}`,
      remedy: REWRITE,
    })
  }
  if (tables.length > 0) findings.push(...queueFindings(await readQueueSchema(sql, config.schemas)))
  return findings
}

const REWRITE = 'Run "writeback triggers", commit the migration it writes and deploy it'
const MIGRATE = 'Run "writeback migrate" in the release step'

/** @param isOtherVersion whether it works, and was made by another version of the library: it waits for somebody */
function objectFinding(subject: string, wrong: readonly string[], isOtherVersion: boolean): TriggerFinding {
  const missing = wrong.includes(MISSING)
  return {
    severity: isOtherVersion ? 'warning' : 'error',
    code: missing ? 'triggers-missing' : 'triggers-differ',
    subject,
    message: missing ? 'it is not installed' : wrong.join(', '),
    remedy: REWRITE,
  }
}

/**
 * An unknown version is a warning as long as everything that publishing uses is there: the host's writes work
 * and are captured. When something is missing, every captured write fails, which is an error.
 */
function queueFindings(found: QueueSchema): TriggerFinding[] {
  const findings: TriggerFinding[] = []
  const subject = 'pg-boss'
  if (found.version === null) {
    const message = 'its schema is not installed: no change is published'
    return [{ severity: 'error', code: 'queue-schema-missing', subject, message, remedy: MIGRATE }]
  }
  const broken = [
    ...found.missingColumns.map((column) => `it has no column ${column}`),
    ...found.unknownRequiredColumns.map((column) => `its column ${column} needs a value`),
    ...(found.clock ? [] : ['it has no function job_now']),
  ]
  const versions = `schema version ${found.version}, this library knows ${QUEUE_SCHEMAS.oldest} to ${QUEUE_SCHEMAS.newest}`
  if (broken.length > 0) {
    findings.push({
      severity: 'error',
      code: 'queue-schema-incompatible',
      subject,
      message: `${versions}; writes to mirrored tables fail: ${broken.join(', ')}`,
      remedy: 'Install a version of prisma-writeback made for it, or the pg-boss version it asks for',
    })
  } else if (!isKnownQueueSchema(found.version)) {
    findings.push({
      severity: 'warning',
      code: 'queue-schema-unknown',
      subject,
      message: `${versions}; all columns that publishing uses are there`,
      remedy: 'Use the pg-boss version that prisma-writeback asks for, in every program that starts it',
    })
  }
  if (found.publishFunction !== 'present') {
    findings.push({
      severity: 'error',
      code: 'publish-function',
      subject: 'function sync_publish',
      message:
        found.publishFunction === 'missing'
          ? 'it is not installed, or sync_publish_all or sync_related is not'
          : 'it is that of another version, or sync_publish_all or sync_related is',
      remedy: MIGRATE,
    })
  }
  return findings
}
