import { Command } from 'commander'
import { readEnvironment } from '../src/config/environment.ts'
import { messageOf } from '../src/errors.ts'
import type { RowComparison } from '../src/operations/record-row.ts'
import type { JobDetail } from '../src/operations/show-job.ts'
import { moment } from './format.ts'
import { parseId, renderJobs } from './job-options.ts'
import { cut, paint, print, printJson, renderTable, wrap } from './output.ts'
import { type Session, withSession } from './session.ts'

/** `writeback show ID`: everything about one job. */
export function showCommand(): Command {
  return new Command('show')
    .description(
      'a job with its record, its error, why it waits, and its row beside the database and the base',
    )
    .argument('<id>', 'a job, or a dead letter', (id) => parseId(id)[0])
    .option('--no-sheet', 'do not read the sheet: no request to Google')
    .option('--json', 'print JSON')
    .action(async (id: string, options: { sheet: boolean; json?: true }, self: Command) => {
      await withSession(self, async (session) => {
        const detail = await session.operations.showJob(id)
        const row = options.sheet ? await readRow(session, detail) : { skipped: 'not asked for' }
        if (options.json) printJson({ ...detail, row })
        else print(render(detail, row))
      })
    })
}

type Row = RowComparison | { readonly skipped: string }

/** The row is worth having, and the rest is worth having without it. */
async function readRow({ context }: Session, { job }: JobDetail): Promise<Row> {
  if (job.record === null) return { skipped: 'the job names no record' }
  const { config } = context
  if (config.client === undefined)
    return { skipped: 'the configuration has no client to read the record with' }
  let client: { $disconnect?(): Promise<void> } | undefined
  try {
    // Google's client is loaded where it is needed only.
    const [{ createSheetsClient }, { compareRecord, targetNamed }] = await Promise.all([
      import('../src/targets/sheet/index.ts'),
      import('../src/operations/record-row.ts'),
    ])
    const sheets = createSheetsClient(readEnvironment())
    client = (await config.client()) as { $disconnect?(): Promise<void> }
    return await compareRecord(context, { sheets, client }, targetNamed(context, job.target), job.record)
  } catch (error) {
    return { skipped: messageOf(error) }
  } finally {
    await client?.$disconnect?.()
  }
}

function render({ job, related, why }: JobDetail, row: Row): string {
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
  if (related.length > 0) parts.push(`${paint.dim('Other jobs of the record')}\n${renderJobs(related)}`)
  return parts.join('\n\n')
}

function renderRow(row: Row): string {
  if ('skipped' in row) return paint.dim(wrap(`The row was not read: ${row.skipped}`))
  const head = row.row === null ? 'It has no row in the sheet' : `It stands in row ${row.row} of the sheet`
  const missing = [
    !row.inDatabase && 'the record is deleted, or left out by the filter',
    !row.hasBase && 'nothing is known of an earlier write',
  ].filter(Boolean)
  const table = renderTable(
    [
      { head: 'COLUMN', flexible: 'wrap' },
      { head: 'DATABASE', flexible: 'wrap' },
      { head: 'SHEET', flexible: 'wrap' },
      { head: 'BASE', flexible: 'wrap' },
      { head: '' },
    ],
    row.columns.map(({ header, database, sheet, base, problem }) => [
      header,
      cell(database),
      cell(sheet),
      cell(base),
      problem !== null
        ? paint.red('fits no cell')
        : database !== undefined && sheet !== undefined && cell(database) !== cell(sheet)
          ? paint.yellow('differs')
          : '',
    ]),
  )
  const problems = row.columns.flatMap(({ problem }) => (problem === null ? [] : [wrap(problem)]))
  const hasTimes = row.columns.some((column) =>
    [column.database, column.sheet, column.base].some((value) => TIME.test(String(value))),
  )
  const clock = hasTimes ? [paint.dim(`times are those of the spreadsheet's clock, ${row.timeZone}`)] : []
  return [wrap([head, ...missing].join('; ')), table, ...clock, ...problems].join('\n')
}

/** A time of day, as `show` tells it. */
const TIME = /^(\d{4}-\d{2}-\d{2} )?\d{2}:\d{2}:\d{2}(\.\d{3})?$/

/** So much of a value is shown, at most: a text may fill pages. */
const MAX_VALUE = 200

function cell(value: string | number | boolean | null | undefined): string {
  if (value === undefined) return '-'
  return value === null ? '(empty)' : cut(String(value), MAX_VALUE)
}
