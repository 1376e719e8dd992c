import type { Outcome } from '../../lane/outcome.ts'
import type { Target } from '../../model/target.ts'
import type { DocumentContext } from './context.ts'

export const UNCHANGED: Outcome = { status: 'done', change: 'unchanged' }

/** Versions above this leave too few numbers above them: no sequence of ours has come so far, somebody else made them up. */
const PLAUSIBLE = 2n ** 62n

/**
 * What becomes of records that a place refused because it has a newer version of them.
 *
 * Every ticket is noted with its record before it is sent. So a version up to the one that is noted is another worker's,
 * which read the record later: nothing is left to do. A higher one was never drawn here: the database was restored to an
 * earlier point, and the place shows what has been lost. The sequence alone would not tell: it may have passed that version
 * meanwhile, with tickets of other records.
 *
 * @param versions what the place has, by id; undefined where it does not say
 */
export async function outcomesOfNewer(
  { sql, store, tickets, states, log }: Pick<DocumentContext, 'sql' | 'store' | 'tickets' | 'states' | 'log'>,
  target: Target,
  ticket: bigint,
  versions: ReadonlyMap<string, bigint | undefined>,
): Promise<Map<string, Outcome>> {
  const outcomes = new Map<string, Outcome>([...versions.keys()].map((id) => [id, UNCHANGED]))
  const told = [...versions].flatMap(([id, version]) => (version === undefined ? [] : [{ id, version }]))
  if (told.length === 0) return outcomes
  const noted = await store.load(
    sql,
    target.name,
    told.map(({ id }) => id),
  )
  const unknown = told.filter(({ id, version }) => version > (noted.get(id)?.ticket ?? 0n))
  const behind = unknown.filter(({ version }) => version < PLAUSIBLE)
  for (const { id, version } of unknown) {
    const reason = `the place has version ${version}, which nothing that this library sends can pass. Remove the entry there, then writeback retry`
    outcomes.set(id, { status: 'dead', code: 'PLACE_REFUSED', reason })
  }
  // The same number: the answer of its call was lost, or a restored database has drawn it again. Another one settles both.
  const same = told.filter(({ version }) => version === ticket)
  for (const { id } of same)
    outcomes.set(id, {
      status: 'deferred',
      code: 'PLACE_OUTCOME_UNKNOWN',
      reason: 'the place has the version already that was sent: it is sent again under another one',
      retryAfterMs: 0,
    })
  if (behind.length === 0) return outcomes
  const [highest = 0n] = behind.map(({ version }) => version).sort((a, b) => (a > b ? -1 : 1))
  await tickets.raiseAbove(sql, highest)
  const reason = `the place has version ${highest}, which this database never drew: it was restored to an earlier point. Tickets go on above that, and the record is sent again`
  log.warn({ target: target.name, code: 'TICKET_BEHIND', records: behind.length }, reason)
  await states.recordError(sql, [target.name], 'TICKET_BEHIND', reason)
  for (const { id } of behind)
    outcomes.set(id, { status: 'deferred', code: 'TICKET_BEHIND', reason, retryAfterMs: 0 })
  return outcomes
}
