import { backgroundComplaints } from './complaints/background.ts'
import type { Complaint } from './complaints/complaint.ts'
import { installationComplaints } from './complaints/installation.ts'
import { targetComplaints } from './complaints/target.ts'
import { workerComplaints } from './complaints/workers.ts'
import type { Stats } from './stats.ts'

/** All in one word, and why. */
export interface Health {
  readonly verdict: 'well' | 'attention' | 'broken'
  readonly complaints: readonly Complaint[]
}

/** Judges the state of things. Pure: it looks at nothing but `stats`. */
export function judge(stats: Stats): Health {
  const all = [
    ...installationComplaints(stats),
    ...workerComplaints(stats),
    ...stats.targets.flatMap((target) => targetComplaints(target, stats)),
    ...backgroundComplaints(stats),
  ]
  const isBroken = ({ severity }: Complaint) => severity === 'broken'
  const complaints = [...all.filter(isBroken), ...all.filter((one) => !isBroken(one))]
  const verdict = complaints.length === 0 ? 'well' : complaints.some(isBroken) ? 'broken' : 'attention'
  return { verdict, complaints }
}
