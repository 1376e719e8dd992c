import { messageOf } from '../../errors.ts'
import { LaneFailure } from '../../lane/failure.ts'
import { isNetworkError } from '../../lane/network-error.ts'
import { inParallel } from '../documents/in-parallel.ts'
import type { DocumentPlace, DocumentWrite, PlaceAnswer } from '../documents/place.ts'
import type { CustomTarget } from './config.ts'

/** Documents that are sent before what came of them is stored. */
const BATCH = 200

/** A place that the application's own functions write. */
export function customPlace({ versions, list }: CustomTarget): DocumentPlace<CustomTarget> {
  return {
    noun: 'place',
    isExclusive: !versions,
    batchSize: BATCH,
    show: ({ document }, record) => ({ document: document ? document(record as never) : record }),
    async apply(target, writes, { abort }) {
      const answers = new Map<string, PlaceAnswer>()
      await inParallel(writes, target.concurrency, async (write) => {
        answers.set(write.id, await applyOne(target, write, abort))
      })
      return answers
    },
    async probe({ probe }, { abort }) {
      await probe?.({ signal: abort })
    },
    ...(list && { list: (_target, pageSize, signal) => list({ pageSize, signal }) }),
    failureOf: awayOf,
  }
}

async function applyOne(
  { upsert, remove }: CustomTarget,
  { id, ticket, shown }: DocumentWrite,
  signal: AbortSignal,
): Promise<PlaceAnswer> {
  const call = { id, ticket, signal }
  try {
    const answer = await (shown ? upsert(shown.document, call) : remove(call))
    return { status: answer === 'superseded' ? 'superseded' : 'written' }
  } catch (error) {
    if (awayOf(error)) throw error
    // By name: the application may have another copy of the class.
    const isRefused = error instanceof Error && error.name === 'RecordRefused'
    return { status: isRefused ? 'dead' : 'failed', reason: messageOf(error) }
  }
}

function awayOf(error: unknown): LaneFailure | undefined {
  const isAway = (error instanceof Error && error.name === 'PlaceAway') || isNetworkError(error)
  return isAway ? new LaneFailure('transient', 'PLACE_UNAVAILABLE', null, messageOf(error)) : undefined
}
