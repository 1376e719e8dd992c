import type { Answer } from './call.ts'
import { type Intent, isUntouched, judgeByValues } from './intent.ts'
import { change, finish, type Item } from './item.ts'
import type { Problem } from './problem.ts'
import type { Remote } from './remote.ts'
import type { ApiTarget, PlaceRecord } from './target.ts'

/** For so long a 409 to a repeat may mean that the first call is still being carried out. */
const UNDER_WAY_MS = 60_000

/**
 * Finds out what became of a write whose answer was lost.
 *
 * Exact: by the key, while the system remembers it (the repeat is answered as the first call was, or carried out now), and
 * where the system says that nobody has touched the record since (then the repeat is carried out, or, should the first call
 * arrive in between, refused). Else the values have to tell, see {@link judgeByValues}.
 *
 * @returns what stands in the place now
 */
export async function settleIntent(
  target: ApiTarget,
  remote: Remote,
  item: Item,
  intent: Intent,
  place: PlaceRecord | null,
): Promise<Answer<PlaceRecord | null>> {
  const age = Date.now() - Date.parse(intent.at)
  const isRemembered = age < target.keysKeptHours * 3_600_000 - target.timeoutMs
  if (!isRemembered && !isUntouched(intent, place)) {
    settleByValues(target, item, intent, place)
    return { ok: true, value: place }
  }
  const repeat = await remote.put(item.write.id, intent)
  if (!repeat.ok && !isRefusal(repeat.problem, isRemembered && age < UNDER_WAY_MS)) return repeat
  const now = await remote.get(item.write.id)
  if (repeat.ok) finish(item, intent)
  else if (isRemembered || repeat.problem.kind !== 'mismatch')
    change(item, { base: item.known.base, intent: null })
  else if (now.ok) settleByValues(target, item, intent, now.value)
  return now
}

/** Whether an answer to a repeat says for certain that it was not carried out, neither now nor before. */
function isRefusal(problem: Problem, mayBeUnderWay: boolean): boolean {
  switch (problem.kind) {
    case 'mismatch':
      return problem.status === 412 || !mayBeUnderWay
    case 'missing':
    case 'refused':
      return true
    case 'broken':
      return problem.isClear
    default:
      return false
  }
}

function settleByValues(target: ApiTarget, item: Item, intent: Intent, place: PlaceRecord | null): void {
  const { base, arrived } = judgeByValues(intent, item.known.base, place?.fields ?? null, target)
  change(item, { base, intent: null })
  const isHere = ({ header }: { header: string }) => arrived.has(header)
  item.notes = [...item.notes, ...intent.notes.filter(isHere)]
}
