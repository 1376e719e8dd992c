import type { Measurement } from './measurement.ts'
import { type Arena, openArena } from './peers/arena.ts'
import { redisConditions } from './peers/bullmq.ts'
import { availablePeers } from './peers/index.ts'
import { burst, calls, quota } from './peers/measure/calls.ts'
import type { Measure } from './peers/measure/contest.ts'
import { drain } from './peers/measure/drain.ts'
import { faults } from './peers/measure/faults.ts'
import { latency } from './peers/measure/latency.ts'
import { publish } from './peers/measure/publish.ts'
import { PHASES, type Phase, readSettings } from './peers/settings.ts'

const MEASURES: Readonly<Record<Phase, Measure>> = { publish, latency, calls, burst, quota, drain, faults }

/**
 * Ways to bring changes from Postgres to a sheet, side by side: one Postgres, one local Sheets API, the same records,
 * the same work, the same faults. What can be set is listed in peers/settings.ts, what it means in docs/benchmarks.md.
 */
export async function* run(): AsyncGenerator<Measurement> {
  const settings = readSettings()
  const peers = await availablePeers(settings.peers)
  if (peers.some((peer) => peer.name === 'bullmq')) process.stderr.write(`${await redisConditions()}\n`)

  let arena: Arena | undefined
  const close = async () => {
    await arena?.close()
    arena = undefined
  }
  // Ctrl-C leaves neither processes nor keys behind.
  const interrupted = () => void close().finally(() => process.exit(130))
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  try {
    arena = await openArena()
    for (const phase of PHASES) {
      if (!settings.phases.has(phase)) continue
      const began = performance.now()
      yield* MEASURES[phase]({ arena, peers, settings })
      process.stderr.write(`${phase}: ${Math.round((performance.now() - began) / 1000)} s\n`)
    }
  } finally {
    await close()
    process.off('SIGINT', interrupted)
    process.off('SIGTERM', interrupted)
  }
}
