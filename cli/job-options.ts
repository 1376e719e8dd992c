import { type Command, InvalidArgumentError, Option } from 'commander'
import { JOB_STATES, type JobFilter, type JobSummary } from '../src/operations/job-filter.ts'
import { ago, parseDuration } from './format.ts'
import { renderTable } from './output.ts'

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

/** Jobs as a table. */
export function renderJobs(jobs: readonly JobSummary[], now = new Date()): string {
  return renderTable(
    [
      { head: 'ID' },
      { head: 'STATE' },
      { head: 'TARGET', flexible: 'cut' },
      { head: 'RECORD', flexible: 'cut' },
      { head: 'AGE', align: 'right' },
      { head: 'ERROR', flexible: 'cut' },
    ],
    jobs.map((job) => [
      job.id,
      job.state,
      job.target ?? '-',
      job.record ?? '-',
      ago(job.createdAt, now).replace(' ago', ''),
      job.error === null ? '-' : `${job.error.code ?? ''} ${job.error.message}`.trim(),
    ]),
  )
}
