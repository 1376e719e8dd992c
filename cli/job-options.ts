import { type Command, InvalidArgumentError, Option } from 'commander'
import stringWidth from 'string-width'
import { JOB_STATES, type JobFilter, type JobSummary } from '../src/operations/job-filter.ts'
import { ago, parseDuration } from './format.ts'
import { columns, paint, renderTable } from './output.ts'

/** Options that say which jobs are meant. */
export interface JobOptions {
  readonly target?: string
  readonly record?: string
  readonly error?: string
  readonly olderThan?: number
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** Adds the options by which jobs are chosen. */
export function withJobOptions(command: Command): Command {
  return command
    .option('-t, --target <name>', 'of this target')
    .option('-r, --record <id>', 'of this record')
    .option('-e, --error <text>', 'whose error has this code, or contains this text')
    .option('--older-than <time>', 'older than 90s, 15m, 2h, 7d', parseDuration)
}

/** The option that chooses states. */
export function stateOption(): Option {
  return new Option('-s, --state <state...>', 'in this state').choices(JOB_STATES)
}

/** Reads ids of jobs from the command line. */
export function parseId(id: string, before: readonly string[] = []): string[] {
  if (!UUID.test(id)) throw new InvalidArgumentError('expected an id as the lists show it.')
  return [...before, id.toLowerCase()]
}

/** The filter that options and ids mean. */
export function filterOf(ids: readonly string[], options: JobOptions): Omit<JobFilter, 'states'> {
  const { target, record, error, olderThan } = options
  return { ...(ids.length > 0 && { ids }), target, record, error, olderThanMs: olderThan }
}

/**
 * Jobs as a table, each error in full below the first job that has it. Ids are for copying, and are never cut: where a
 * line has no room for both, the job's stands below.
 */
export function renderJobs(jobs: readonly JobSummary[], now = new Date()): string {
  const errors = errorsOf(jobs)
  const rows = jobs.map((job) => [
    job.state,
    job.target ?? '-',
    job.record ?? '-',
    ago(job.createdAt, now).replace(' ago', ''),
  ])
  const heads = [
    { head: 'STATE' },
    { head: 'TARGET', flexible: 'wrap' },
    { head: 'RECORD', flexible: 'wrap' },
    { head: 'AGE', align: 'right' },
  ] as const
  const widest = heads.map(({ head }, at) =>
    Math.max(...[head, ...rows.map((row) => row[at] ?? '')].map((text) => stringWidth(text))),
  )
  const width = widest.reduce((all, one) => all + 2 + one, UUID_LENGTH)
  if (width <= columns()) {
    return renderTable(
      [{ head: 'ID' }, ...heads],
      rows.map((row, at) => [jobs[at]?.id ?? '', ...row]),
      errors,
    )
  }
  const notes = jobs.map(({ id }, at) => (errors[at] === undefined ? id : `${id}\n${errors[at]}`))
  return renderTable(heads, rows, notes)
}

const UUID_LENGTH = 36

/** The error of each job; the same one a second time in short. */
function errorsOf(jobs: readonly JobSummary[]): (string | undefined)[] {
  const told = new Set<string>()
  return jobs.map(({ error }) => {
    if (error === null) return undefined
    const { code, message } = error
    const text = `${code ?? ''} ${message}`.trim()
    if (told.has(text)) return paint.dim(`${code ?? ''} as above`.trim())
    told.add(text)
    return text
  })
}
