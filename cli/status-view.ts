import stringWidth from 'string-width'
import type { Complaint } from '../src/operations/complaints/complaint.ts'
import type { Health } from '../src/operations/health.ts'
import type { Backlog } from '../src/operations/progress.ts'
import type { QuotaUse } from '../src/operations/quota-left.ts'
import type { QueueStats, Stats, TargetStats } from '../src/operations/stats.ts'
import { QUEUES } from '../src/queue/queue-names.ts'
import { ago, count, duration, moment, number } from './format.ts'
import { columns, paint, renderTable, wrap } from './output.ts'

const right = (head: string) => ({ head, align: 'right' }) as const

/** Queues whose jobs the lines of the targets count. */
const OF_TARGETS: readonly string[] = [QUEUES.writeBack, QUEUES.writeBackDead, QUEUES.inboundDead]

/** The bar of a backlog is so long at most, and at least half. */
const BAR = 20

/** The state of things as a page of text: first what is wrong and what to do, then one line or two for each target. */
export function renderStatus(stats: Stats, health: Health): string {
  return [
    headline(stats, health),
    ...health.complaints.map(complaint),
    '',
    targetTable(stats),
    '',
    placeTable(stats),
    '',
    line('Workers', workers(stats)),
    ...backgroundLines(stats).map((text) => line('Queue', text)),
    line(
      'Quota',
      `${quota('reads', stats.quota.reads)}, ${quota('writes', stats.quota.writes)} in this minute`,
    ),
  ].join('\n')
}

function headline({ at }: Stats, { verdict }: Health): string {
  const words = {
    well: paint.green('ALL IS WELL'),
    attention: paint.yellow('NEEDS ATTENTION'),
    broken: paint.red('BROKEN'),
  }
  return `${paint.bold(words[verdict])}  ${paint.dim(moment(at))}`
}

function complaint({ severity, target, message, remedy }: Complaint): string {
  const text = wrap(
    `${severity === 'broken' ? 'x' : '!'} ${target === null ? '' : `${target}: `}${message}`,
    2,
  )
  const colour = severity === 'broken' ? paint.red : paint.yellow
  return [
    `${colour(text.slice(0, 1))}${text.slice(1)}`,
    ...remedyLines(remedy).map((part) => `  ${paint.cyan(wrap(part, 2))}`),
  ].join('\n')
}

/** A command that is to be copied has a line of its own where the remedy does not fit into one. */
function remedyLines(remedy: string): string[] {
  const [, text, command] = /^(.+:) (writeback [^;]+)$/.exec(remedy) ?? []
  if (text === undefined || command === undefined || remedy.length < columns() - 3) return [remedy]
  return [text, command]
}

function targetTable({ targets, at }: Stats): string {
  const rows = targets.map((target) => ({ target, state: state(target) }))
  const taken = (texts: readonly string[]) => Math.max(...texts.map((text) => stringWidth(text))) + 2
  const room =
    columns() -
    taken(['TARGET', ...rows.map((row) => row.target.target)]) -
    taken(rows.map((row) => row.state))
  return renderTable(
    [{ head: 'TARGET' }, { head: 'STATE' }, { head: 'CHANGES', flexible: 'wrap' }],
    rows.map(({ target, state }) => {
      const held = isHeld(target)
      const lines = [
        ...(target.backlog && !held ? [backlog(target.backlog, target, room)] : []),
        changes(target, at),
      ]
      return [target.target, state, lines.join('\n')]
    }),
  )
}

/** Whether its changes wait for a person, or for the place: a rate and a time left would promise what nobody knows. */
function isHeld({ state, circuit, placeError, registered }: TargetStats): boolean {
  return !registered || state !== 'active' || circuit.state !== 'closed' || placeError !== null
}

/** The state of a target in one word, or two: the first thing that keeps its changes from the place. */
function state({ state, circuit, placeError, registered }: TargetStats): string {
  if (!registered) return paint.red('not registered')
  if (state !== 'active') return state === 'paused' ? paint.yellow(state) : paint.red(state)
  if (circuit.state !== 'closed') return paint.red(`circuit ${circuit.state.replace('_', '-')}`)
  return placeError === null ? paint.green(state) : paint.red('unusable')
}

/** How far a backlog has come, with a bar where there is room: `12,000 of 50,000, 850/s, 45s left`. */
function backlog({ done, all, secondsLeft }: Backlog, { ratePerSecond }: TargetStats, room: number): string {
  const speed = secondsLeft === null ? ['no progress'] : [rate(ratePerSecond), `${spanned(secondsLeft)} left`]
  const text = [`${number(done)} of ${number(all)}`, ...speed].join(', ')
  const width = Math.min(BAR, room - text.length - 1)
  if (width < BAR / 2) return text
  const filled = Math.floor((width * done) / Math.max(1, all))
  return `${paint.green('█'.repeat(filled))}${paint.dim('░'.repeat(width - filled))} ${text}`
}

/** What waits, and for what; only what there is. */
function changes(target: TargetStats, at: Date): string {
  const { waiting, delayed, active, retrying, dead, conflictsOpen, oldestWaiting } = target
  const { editsPending, editsRefused } = target
  const told = [
    waiting > 0 && `${number(waiting)} waiting`,
    delayed > 0 && `${number(delayed)} delayed`,
    active > 0 && `${number(active)} active`,
    retrying > 0 && `${paint.yellow(number(retrying))} retrying`,
    oldestWaiting !== null &&
      `the oldest for ${duration(Math.max(0, at.getTime() - oldestWaiting.getTime()))}`,
    dead > 0 && `${paint.yellow(number(dead))} dead`,
    conflictsOpen > 0 && count(conflictsOpen, 'conflict'),
    editsPending > 0 && `${count(editsPending, 'edit')} on the way`,
    editsRefused > 0 && `${count(editsRefused, 'edit')} refused`,
  ].filter((part) => part !== false)
  return told.length === 0 ? paint.dim('none waiting') : told.join(', ')
}

/** Changes a second, or a minute where a second has less than one: `850/s`, `12/min`. */
function rate(perSecond: number): string {
  if (perSecond >= 1) return `${number(Math.round(perSecond))}/s`
  return perSecond === 0 ? '0/s' : `${Math.max(1, Math.round(perSecond * 60))}/min`
}

/** A length of time to wait for, in its two largest units: `45s`, `12m 30s`, `3h 10m`. */
function spanned(seconds: number): string {
  const ms = seconds * 1000
  const rest = [86_400_000, 3_600_000, 60_000].find((unit) => ms >= unit)
  if (rest === undefined || ms % rest < 1000) return duration(ms)
  return `${duration(ms)} ${duration(ms % rest)}`
}

/** What the library has done in each place since it was registered. */
function placeTable({ targets, at }: Stats): string {
  return renderTable(
    [
      { head: 'TARGET', flexible: 'wrap' },
      { head: 'KIND' },
      { head: 'PLACE', flexible: 'wrap' },
      { head: 'CAPTURE' },
      right('LAST WRITE'),
      right('WRITTEN'),
      right('REMOVED'),
      right('CALLS'),
    ],
    targets.map((target) => [
      target.target,
      target.kind,
      target.place,
      target.capture,
      ago(target.lastSuccess, at),
      number(target.rowsWritten),
      number(target.rowsRemoved),
      number(target.apiCalls),
    ]),
  )
}

/** The queues of the jobs around the writing that have some. */
function backgroundLines({ queues, at }: Stats): string[] {
  return queues
    .filter(({ queue }) => !OF_TARGETS.includes(queue))
    .flatMap((queue) => {
      const jobs = jobsIn(queue, at)
      return jobs === '' ? [] : [`${queue.queue}: ${jobs}`]
    })
}

function jobsIn({ waiting, delayed, active, retrying, oldestWaiting }: QueueStats, at: Date): string {
  const told = Object.entries({ waiting, delayed, active, retrying }).flatMap(([word, jobs]) =>
    jobs > 0 ? [`${number(jobs)} ${word}`] : [],
  )
  if (told.length === 0 || oldestWaiting === null) return told.join(', ')
  return `${told.join(', ')}, the oldest for ${duration(at.getTime() - oldestWaiting.getTime())}`
}

function workers({ workers, at }: Stats): string {
  const alive = workers.filter((worker) => worker.alive)
  if (workers.length === 0) return paint.red('none')
  const beats = workers.map(({ id, heartbeatAt, alive: lives }) => {
    const text = `${id || '?'} ${ago(heartbeatAt, at)}`
    return lives ? text : paint.red(text)
  })
  const most = Math.max(1, Math.floor((columns() - 50) / 17))
  const shown = beats.slice(0, most).join(', ')
  const more = beats.length > most ? `, ${count(beats.length - most, 'other')}` : ''
  const number = alive.length === workers.length ? `${alive.length}` : `${alive.length} of ${workers.length}`
  return `${number} alive, last heard of: ${shown}${more}`
}

function line(name: string, text: string): string {
  return `${paint.dim(name.padEnd(8))} ${text}`
}

function quota(kind: string, { used, left, blocked }: QuotaUse): string {
  const text = left === null ? `${used} ${kind} used` : `${left} ${kind} left`
  return blocked ? paint.red(`${kind} refused by Google`) : text
}
