import type { PrismaClient } from '../prisma/generated/client/client.ts'
import type { Work } from './workload.ts'

/** What the tables of pg-boss and of the library say about the run. */
export interface Measurement {
  readonly published: number
  readonly apiCalls: number
  readonly deadLetters: number
  /** Commit to sheet, of the last write of each record of the stream, in milliseconds. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly samples: number }
}

/** What is measured of the targets that are sheets. */
const SHEETS = { target: { in: ['airports', 'requests'] } }

/** Jobs of the library that are not settled yet. */
export async function unsettled(prisma: PrismaClient): Promise<number> {
  const [row] = await prisma.$queryRaw<{ count: bigint }[]>`
    select count(*) from pgboss.job where name in ('sync.write-back', 'sync.inbound') and state in ('created', 'retry', 'active')`
  return Number(row?.count ?? 0)
}

/** Rows that stand in the sheet, as far as the worker has written them down. */
export async function rowsWritten(prisma: PrismaClient): Promise<number> {
  return prisma.syncRecord.count({ where: SHEETS })
}

/**
 * @param work what was committed, and when
 * @param since only records whose last write was committed after this time count for the latency
 */
export async function measure(prisma: PrismaClient, work: Work, since: number): Promise<Measurement> {
  const [jobs] = await prisma.$queryRaw<{ published: bigint; dead: bigint }[]>`
    select count(*) filter (where name = 'sync.write-back' and group_tier in ('airports', 'requests')) as published,
           count(*) filter (where name = 'sync.write-back.dead') as dead
    from pgboss.job where name like 'sync.write-back%'`
  const targets = await prisma.syncTarget.aggregate({ where: { kind: 'sheet' }, _sum: { apiCalls: true } })
  const records = await prisma.syncRecord.findMany({
    where: SHEETS,
    select: { recordKey: true, writtenAt: true },
  })
  const delays = records
    .map((record) => ({ committed: work.committedAt.get(record.recordKey) ?? 0, written: record.writtenAt }))
    .filter(({ committed }) => committed >= since)
    .map(({ committed, written }) => written.getTime() - committed)
    .sort((a, b) => a - b)
  const quantile = (share: number) =>
    delays[Math.min(delays.length - 1, Math.floor(delays.length * share))] ?? 0
  return {
    published: Number(jobs?.published ?? 0),
    deadLetters: Number(jobs?.dead ?? 0),
    apiCalls: Number(targets._sum.apiCalls ?? 0),
    latency: { p50: quantile(0.5), p99: quantile(0.99), samples: delays.length },
  }
}
