import { type Finding, ok } from '../../targets/finding.ts'
import type { OperationsContext } from '../context.ts'
import { judge } from '../health.ts'
import { readStats } from '../stats.ts'

/** Everything that `status` complains about, and what is left of the quota. */
export async function checkTargets(context: OperationsContext): Promise<Finding[]> {
  const stats = await readStats(context)
  const { complaints } = judge(stats)
  const findings = complaints.map(
    ({ severity, target, subject = 'workers', message, remedy }): Finding => ({
      severity: severity === 'broken' ? 'error' : 'warning',
      subject: target === null ? subject : `target ${target}`,
      message,
      remedy,
    }),
  )
  const alive = stats.workers.filter((worker) => worker.alive).length
  if (alive > 0) findings.push(ok('workers', `${alive} alive`))
  const { reads, writes } = stats.quota
  findings.push(
    ok('quota', `${reads.left ?? '?'} reads and ${writes.left ?? '?'} writes left in this minute`),
  )
  return findings
}
