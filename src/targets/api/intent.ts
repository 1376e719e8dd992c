import { fingerprint } from '../documents/fingerprint.ts'
import type { ConflictNote } from '../merge/decide-value.ts'
import type { Quantity } from '../merge/delta.ts'
import { isSameValue } from './fields.ts'
import type { Base } from './merge-record.ts'
import { type ApiTarget, isQuantity, type PlaceFields, type PlaceRecord } from './target.ts'

/**
 * A write as it is stored before it is sent (`sync_record.intended`), until its answer is stored: everything that a
 * repeat of it takes, by another worker too, and what both sides agree on if it arrived.
 */
export interface Intent {
  readonly key: string
  /** When it was first sent, as ISO text. */
  readonly at: string
  readonly ticket: string
  /** What stood there when it was planned; null for nothing. */
  readonly from: PlaceFields | null
  readonly ifMatch?: string
  readonly to: PlaceFields
  readonly movements: Readonly<Record<string, string>>
  readonly base: Base
  /** Conflicts that are listed once it arrived. */
  readonly notes: readonly ConflictNote[]
  /** Fields whose open conflicts are over then. */
  readonly agreed: readonly string[]
}

/** What is planned, before it has a key. */
export type Plan = Pick<Intent, 'to' | 'movements' | 'base' | 'notes' | 'agreed'>

/**
 * Makes an intent of a plan. Its key comes from what is written, where, on top of what, and from the ticket: a repeat of
 * this write has the same, and the same change made again later, which is another movement, has not.
 */
export function intentOf(
  where: { readonly target: string; readonly id: string; readonly ticket: bigint },
  place: PlaceRecord | null,
  plan: Plan,
): Intent {
  const ticket = where.ticket.toString()
  const parts = {
    target: where.target,
    id: where.id,
    ticket,
    etag: place?.etag,
    from: place?.fields,
    to: plan.to,
  }
  const key = fingerprint(parts, 32)
  return {
    ...plan,
    ...{ key, ticket, at: new Date().toISOString(), from: place?.fields ?? null },
    ...(place?.etag !== undefined && { ifMatch: place.etag }),
  }
}

/** Whether the place is as it was when the write was planned, by its own word: then the write has not arrived so far. */
export function isUntouched({ from, ifMatch }: Intent, place: PlaceRecord | null): boolean {
  if (place === null) return from === null
  return ifMatch !== undefined && place.etag === ifMatch
}

/** What both sides agree on after a write whose answer was lost, as far as values tell. */
export interface Seen {
  readonly base: Base
  /** Fields that show what was written. */
  readonly arrived: ReadonlySet<string>
}

/**
 * Judges a write whose answer was lost by what stands there now. A field that shows what was written was written, one
 * that shows what it showed before was not; of one that shows something else nobody can tell. For a quantity that is
 * `unsure`: a movement that is made twice, or not at all, is worse than one that waits for a person.
 *
 *     before 100    written 95    seen 95: arrived    seen 100: not    seen 92: 95 - 3 or 100 - 8, who knows
 */
export function judgeByValues(
  intent: Intent,
  base: Base,
  shown: PlaceFields | null,
  target: ApiTarget,
): Seen {
  const { from, to } = intent
  const arrived = new Set<string>()
  if (shown === null) return { base, arrived }
  const next: Record<string, unknown> = { ...base }
  const adopt = (name: string) => {
    if (Object.hasOwn(intent.base, name)) next[name] = intent.base[name]
  }
  for (const name of Object.keys(to)) {
    const before = from?.[name] ?? null
    const isNow = (value: unknown) => isSameValue(target, name, shown[name] ?? null, value)
    if (from !== null && isSameValue(target, name, before, to[name])) adopt(name)
    else if (isNow(to[name])) {
      adopt(name)
      arrived.add(name)
    } else if (isQuantity(target, name) && before === null) {
      // It was given its first quantity, by this write or by somebody: it is counted from there on.
      adopt(name)
    } else if (isQuantity(target, name) && !isNow(before)) {
      next[name] = { unsure: base[name] as Quantity }
    }
  }
  return { base: next, arrived }
}
