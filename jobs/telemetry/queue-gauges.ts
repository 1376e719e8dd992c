import { Gauge, type Registry } from 'prom-client'
import { BACKGROUND_QUEUES } from '../../src/operations/background.ts'
import { judge } from '../../src/operations/health.ts'
import type { Stats, TargetStats } from '../../src/operations/stats.ts'

/**
 * Statistics are read again when they are older than this, in milliseconds: counting a million jobs takes the database
 * half a second.
 */
const FRESH_MS = 15_000

interface GaugeSpec {
  readonly name: string
  readonly help: string
  readonly value: (target: TargetStats, stats: Stats) => number
}

const TARGET_GAUGES: readonly GaugeSpec[] = [
  {
    name: 'writeback_oldest_waiting_seconds',
    help: 'Age of the oldest change that is not in its place yet.',
    value: ({ oldestWaiting }, { at }) =>
      oldestWaiting ? Math.max(0, (at.getTime() - oldestWaiting.getTime()) / 1000) : 0,
  },
  {
    name: 'writeback_last_success_timestamp_seconds',
    help: 'When a batch of the target last succeeded; 0 for never.',
    value: ({ lastSuccess }) => (lastSuccess ? lastSuccess.getTime() / 1000 : 0),
  },
  {
    name: 'writeback_circuit_open',
    help: '1 while the lane cannot be written.',
    value: ({ circuit }) => Number(circuit.state !== 'closed'),
  },
  {
    name: 'writeback_tab_unusable',
    help: '1 while the tab cannot be used as it is, or its records cannot be read.',
    value: ({ placeError }) => Number(placeError !== null),
  },
  {
    name: 'writeback_target_active',
    help: '0 while it is paused or stopped.',
    value: ({ state }) => Number(state === 'active'),
  },
  {
    name: 'writeback_conflicts_open',
    help: 'Edited cells that differ.',
    value: ({ conflictsOpen }) => conflictsOpen,
  },
  {
    name: 'writeback_conflicts_undecided',
    help: 'Edited cells that wait for a decision.',
    value: ({ conflictsUndecided }) => conflictsUndecided,
  },
]

const STATES = ['waiting', 'delayed', 'active', 'retrying', 'dead'] as const

/**
 * Adds what the whole system looks like to the metrics of one worker; every worker says the same of it, so take the
 * maximum over workers and not the sum.
 *
 * @param latest the statistics; undefined when they cannot be read, and the gauges are left out of that scrape
 */
export function addQueueGauges(registry: Registry, latest: () => Promise<Stats | undefined>): void {
  const gauge = (
    name: string,
    help: string,
    labelNames: string[],
    fill: (gauge: Gauge, stats: Stats) => void,
  ) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset()
        const stats = await latest()
        if (stats) fill(this, stats)
      },
    })
  gauge(
    'writeback_jobs',
    'Jobs of a target by what they wait for.',
    ['target', 'state'],
    (jobs, { targets }) => {
      for (const target of targets)
        for (const state of STATES) jobs.set({ target: target.target, state }, target[state])
    },
  )
  for (const { name, help, value } of TARGET_GAUGES) {
    gauge(name, help, ['target'], (one, stats) => {
      for (const target of stats.targets) one.set({ target: target.target }, value(target, stats))
    })
  }
  gauge(
    'writeback_background_failed',
    'Background jobs that failed and have not succeeded since, by queue.',
    ['queue'],
    (one, { failures }) => {
      for (const queue of BACKGROUND_QUEUES)
        one.set({ queue }, failures.filter((failure) => failure.queue === queue).length)
    },
  )
  gauge('writeback_complaints', 'What status complains of, by severity.', ['severity'], (one, stats) => {
    const { complaints } = judge(stats)
    for (const severity of ['attention', 'broken'])
      one.set({ severity }, complaints.filter((complaint) => complaint.severity === severity).length)
  })
  gauge(
    'writeback_workers_alive',
    'Workers that were heard of within 15 seconds.',
    [],
    (one, { workers }) => {
      one.set(workers.filter((worker) => worker.alive).length)
    },
  )
  gauge(
    'writeback_quota_used',
    'Requests to the API in this minute, of all workers.',
    ['kind'],
    (one, { quota }) => {
      one.set({ kind: 'read' }, quota.reads.used)
      one.set({ kind: 'write' }, quota.writes.used)
    },
  )
}

/** Reads the statistics when they are asked for, and not again while they are fresh. */
export function keepFresh(read: () => Promise<Stats>): () => Promise<Stats | undefined> {
  let at = 0
  let reading: Promise<Stats | undefined> | undefined
  return () => {
    if (reading === undefined || Date.now() - at > FRESH_MS) {
      at = Date.now()
      reading = read().catch(() => undefined)
    }
    return reading
  }
}
