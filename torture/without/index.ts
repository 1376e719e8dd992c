import type { Schemas } from '../../src/config/schemas.ts'
import { publishFunctionSql } from '../../src/queue/publish-function.ts'

/**
 * Protections that can be switched off, here and nowhere else, to see that the torture finds their absence.
 * - `lock`: publishing locks the queued job, so that no worker takes it before the writer commits
 * - `lane`: one worker writes a spreadsheet at a time
 * - `fence`: of two writes that were planned on the same state one is refused
 * - `verification`: what a write did is compared with what it was to do
 * - `read-after-lane`: the database is read when the lane is held, not before
 * - `base`: what both sides agreed on is kept, so that a person's edit is told from an old value
 */
export const PROTECTIONS = ['lock', 'lane', 'fence', 'verification', 'read-after-lane', 'base'] as const
export type Protection = (typeof PROTECTIONS)[number]

/** What a worker is started with; without a protection it is the torture's own, which replaces one module. */
export function workerWithout(protection: Protection | undefined): readonly string[] {
  if (protection === undefined || protection === 'lock') return ['jobs/worker.ts']
  return ['torture/without/worker.ts', protection]
}

/** The publishing function without its lock: a queued job counts, and is left to the workers. */
export function replacedPublishFunction(schemas: Schemas): string {
  const sql = publishFunctionSql(schemas)
  const without = sql.replace(/\bfor share( of \w+)?( skip locked)?/g, '')
  if (without === sql) throw new Error('the publishing function takes its lock in another way than expected')
  return without
}
