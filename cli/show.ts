import { Command } from 'commander'
import { messageOf } from '../src/errors.ts'
import type { JobDetail } from '../src/operations/show-job.ts'
import type { EntryComparison } from '../src/targets/operator.ts'
import { renderEdits } from './edits.ts'
import { moment } from './format.ts'
import { parseId, renderJobs } from './job-options.ts'
import { cut, paint, print, printJson, renderTable, wrap } from './output.ts'
import { type Session, withSession } from './session.ts'

/** `writeback show ID`: everything about one job. */
export function showCommand(): Command {
  return new Command('show')
    .description(
      'a job with its record, its error, why it waits, and its entry in the place beside the database and the base',
    )
    .argument('<id>', 'a job, or a dead letter', (id) => parseId(id)[0])
    .option('--no-place', 'do not read the place: no request to Google')
    .option('--json', 'print JSON')
    .action(async (id: string, options: { place: boolean; json?: true }, self: Command) => {
      await withSession(self, async (session) => {
        const detail = await session.operations.showJob(id)
        const row = options.place ? await readRow(session, detail) : { skipped: 'not asked for' }
        if (options.json) printJson({ ...detail, row })
        else print(render(detail, row))
      })
    })
}

type Row = EntryComparison | { readonly skipped: string }

/** The row is worth having, and the rest is worth having without it. */
async function readRow({ context, operations }: Session, { job }: JobDetail): Promise<Row> {
  if (job.record === null || job.target === null) return { skipped: 'the job names no record' }
  const { config } = context
  if (config.client === undefined)
    return { skipped: 'the configuration has no client to read the record with' }
  let client: { $disconnect?(): Promise<void> } | undefined
  try {
    client = (await config.client()) as { $disconnect?(): Promise<void> }
    const entry = await operations.showRecord(job.target, job.record, client)
    return entry ?? { skipped: 'entries of this kind of target cannot be read' }
  } catch (error) {
    return { skipped: messageOf(error) }
  } finally {
    await client?.$disconnect?.()
  }
}

function render({ job, related, edits, why }: JobDetail, row: Row): string {
  const facts: [string, string | null][] = [
    ['Job', `${job.id}  ${paint.bold(job.state)}`],
    ['Queue', job.queue],
    ['Record', `${job.target}: ${job.model} ${job.record}`],
    [
      'Change',
      `${job.operation ?? '-'}, made ${moment(job.changedAt === null ? null : new Date(job.changedAt))}`,
    ],
    [
      'For',
      [job.userId && `user ${job.userId}`, job.correlationId && `request ${job.correlationId}`]
        .filter(Boolean)
        .join(', ') || null,
    ],
    ['Queued', moment(job.createdAt)],
    ['Started', job.startedAt && moment(job.startedAt)],
    ['Ended', job.completedAt && moment(job.completedAt)],
    ['Attempts', `${job.attempts} used up`],
    ['Comes from', job.sourceId],
    ['Error', job.error && `${job.error.code ?? ''} ${job.error.message}`.trim()],
  ]
  const table = renderTable(
    [{ head: '' }, { head: '', flexible: 'wrap' }],
    facts.flatMap(([name, value]) => (value ? [[paint.dim(name), value]] : [])),
  )
  const parts = [table.replace(/^\s*\n/, '')]
  if (why.length > 0) parts.push(`${paint.dim('Why')}\n${why.map((line) => `  ${wrap(line, 2)}`).join('\n')}`)
  parts.push(renderRow(row))
  if (edits.length > 0) parts.push(`${paint.dim('What people changed')}\n${renderEdits(edits, new Date())}`)
  if (related.length > 0) parts.push(`${paint.dim('Other jobs of the record')}\n${renderJobs(related)}`)
  return parts.join('\n\n')
}

function renderRow(row: Row): string {
  if ('skipped' in row) return paint.dim(wrap(`The row was not read: ${row.skipped}`))
  const head = row.entry === null ? 'It has no entry in the place' : `It stands in ${row.entry}`
  const missing = [
    !row.inDatabase && 'the record is deleted, or left out by the filter',
    !row.hasBase && 'nothing is known of an earlier write',
  ].filter(Boolean)
  const table = renderTable(
    [
      { head: 'COLUMN', flexible: 'wrap' },
      { head: 'DATABASE', flexible: 'wrap', least: TIME_WIDTH },
      { head: 'PLACE', flexible: 'wrap', least: TIME_WIDTH },
      { head: 'BASE', flexible: 'wrap', least: TIME_WIDTH },
      { head: '' },
    ],
    row.columns.map(({ header, database, place, base, problem }) => [
      header,
      cell(database),
      cell(place),
      cell(base),
      problem !== null
        ? paint.red('does not fit')
        : database !== undefined && place !== undefined && cell(database) !== cell(place)
          ? paint.yellow('differs')
          : '',
    ]),
  )
  const problems = row.columns.flatMap(({ problem }) => (problem === null ? [] : [wrap(problem)]))
  const hasTimes = row.columns.some((column) =>
    [column.database, column.place, column.base].some((value) => TIME.test(String(value))),
  )
  const clock = hasTimes && row.note !== null ? [paint.dim(row.note)] : []
  return [wrap([head, ...missing].join('; ')), table, ...clock, ...problems].join('\n')
}

/** A time of day, as `show` tells it. */
const TIME = /^(\d{4}-\d{2}-\d{2} )?\d{2}:\d{2}:\d{2}(\.\d{3})?$/

/** A date and a time stay in one line, in three columns side by side at 80. */
const TIME_WIDTH = '2026-11-21 10:15:00'.length

/** So much of a value is shown, at most: a text may fill pages. */
const MAX_VALUE = 200

function cell(value: string | number | boolean | null | undefined): string {
  if (value === undefined) return '-'
  return value === null ? '(empty)' : cut(String(value), MAX_VALUE)
}
