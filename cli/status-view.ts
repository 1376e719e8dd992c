import type { Complaint } from '../src/operations/complaints/complaint.ts'
import type { Health } from '../src/operations/health.ts'
import type { QuotaUse } from '../src/operations/quota-left.ts'
import type { Stats, TargetStats } from '../src/operations/stats.ts'
import { ago, count, moment, number } from './format.ts'
import { paint, renderTable, wrap } from './output.ts'

const right = (head: string) => ({ head, align: 'right' }) as const

/** The state of things as a page of text. */
export function renderStatus(stats: Stats, health: Health): string {
  return [
    headline(stats, health),
    ...health.complaints.map(complaint),
    '',
    targetTable(stats),
    '',
    sheetTable(stats),
    '',
    queueTable(stats),
    '',
    workerLine(stats),
    `Quota    ${quota('reads', stats.quota.reads)}, ${quota('writes', stats.quota.writes)} in this minute`,
  ].join('\n')
}

function headline({ at }: Stats, { verdict }: Health): string {
  const words = {
    well: paint.green('ALL IS WELL'),
    attention: paint.yellow('NEEDS ATTENTION'),
    broken: paint.red('BROKEN'),
  }
  return `${words[verdict]}  ${paint.dim(moment(at))}`
}

function complaint({ severity, target, message, remedy }: Complaint): string {
  const text = wrap(
    `${severity === 'broken' ? 'x' : '!'} ${target === null ? '' : `${target}: `}${message}`,
    2,
  )
  const colour = severity === 'broken' ? paint.red : paint.yellow
  return `${colour(text.slice(0, 1))}${text.slice(1)}\n  ${paint.dim(wrap(remedy, 2))}`
}

function targetTable({ targets, at }: Stats): string {
  return renderTable(
    [
      { head: 'TARGET', flexible: 'cut' },
      { head: 'STATE' },
      ...[
        'WAITING',
        'DELAYED',
        'ACTIVE',
        'RETRYING',
        'FAILED',
        'DEAD',
        'OLDEST',
        'RATE/MIN',
        'CONFLICTS',
      ].map(right),
    ],
    targets.map((target) => [
      target.target,
      state(target),
      ...[target.waiting, target.delayed, target.active, target.retrying, target.failed].map(number),
      target.dead > 0 ? paint.yellow(number(target.dead)) : '0',
      ago(target.oldestWaiting, at).replace(' ago', ''),
      number(target.ratePerMinute),
      number(target.conflictsOpen),
    ]),
  )
}

function state({ state }: TargetStats): string {
  if (state === 'active') return paint.green(state)
  return state === 'paused' ? paint.yellow(state) : paint.red(state)
}

function sheetTable({ targets, at }: Stats): string {
  return renderTable(
    [
      { head: 'SHEET', flexible: 'cut' },
      { head: 'TAB', flexible: 'cut' },
      { head: 'CIRCUIT' },
      { head: 'CAPTURE' },
      right('LAST SUCCESS'),
      right('ROWS WRITTEN'),
      right('REMOVED'),
      right('API CALLS'),
    ],
    targets.map((target) => [
      target.target,
      target.tab,
      target.circuit.state === 'closed'
        ? paint.green('closed')
        : paint.red(target.circuit.state.replace('_', '-')),
      target.capture,
      ago(target.lastSuccess, at),
      number(target.rowsWritten),
      number(target.rowsRemoved),
      number(target.apiCalls),
    ]),
  )
}

function queueTable({ queues, at }: Stats): string {
  return renderTable(
    [
      { head: 'QUEUE', flexible: 'cut' },
      ...['WAITING', 'DELAYED', 'ACTIVE', 'RETRYING', 'FAILED', 'OLDEST', 'RATE/MIN'].map(right),
    ],
    queues.map((queue) => [
      queue.queue,
      ...[queue.waiting, queue.delayed, queue.active, queue.retrying, queue.failed].map(number),
      ago(queue.oldestWaiting, at).replace(' ago', ''),
      number(queue.ratePerMinute),
    ]),
  )
}

function workerLine({ workers, at }: Stats): string {
  const alive = workers.filter((worker) => worker.alive)
  if (workers.length === 0) return `Workers  ${paint.red('none')}`
  const beats = workers.map(({ id, heartbeatAt, alive: lives }) => {
    const text = `${id || '?'} (${ago(heartbeatAt, at)})`
    return lives ? text : paint.red(text)
  })
  const shown = beats.slice(0, 4).join(', ')
  const more = beats.length > 4 ? `, ${count(beats.length - 4, 'other')}` : ''
  return `Workers  ${alive.length} alive of ${workers.length}, last heard of: ${shown}${more}`
}

function quota(kind: string, { used, left, blocked }: QuotaUse): string {
  const text = left === null ? `${used} ${kind} used` : `${left} ${kind} left`
  return blocked ? paint.red(`${kind} refused by Google`) : text
}
