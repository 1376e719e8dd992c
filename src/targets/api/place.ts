import { LaneFailure } from '../../lane/failure.ts'
import { REMOVED } from '../documents/fingerprint.ts'
import type { DocumentPlace, PlaceEntry } from '../documents/place.ts'
import { ApiBatch, type BatchContext } from './batch.ts'
import { fieldsIn, fieldsOf } from './fields.ts'
import { mergeRecord } from './merge-record.ts'
import { remoteOf } from './remote.ts'
import type { ApiTarget } from './target.ts'

/** Records that are read, merged and written before what came of them is stored. */
const BATCH = 100

/** An outside system of record, which others change too. */
export function apiPlace(target: ApiTarget, context: BatchContext): DocumentPlace<ApiTarget> {
  const { list } = target
  return {
    noun: 'outside system',
    // It cannot compare tickets, and what became of a lost write is found out by one worker at a time.
    isExclusive: true,
    batchSize: BATCH,
    show: (target, record) => ({ document: fieldsOf(target, record) }),
    apply: (target, writes, signals) => new ApiBatch(context, target, signals).run(writes),
    async probe(target, { abort }) {
      const answer = target.probe ? await remoteOf(target, abort).probe() : undefined
      if (!answer || answer.ok) return
      const { problem } = answer
      if (problem.kind === 'lane') throw problem.failure
      throw new LaneFailure('transient', 'PLACE_UNAVAILABLE', null, problem.reason)
    },
    ...(list && {
      async *list(target: ApiTarget, pageSize: number, signal: AbortSignal) {
        for await (const page of list({ pageSize, signal }))
          yield page.map(({ id, fields }): PlaceEntry => ({ id, document: fieldsIn(target, 'list', fields) }))
      },
    }),
    comparison: {
      differs(target, record, { document }, stored) {
        // What cannot be listed is known by what was written.
        if (document === undefined) return false
        // What was never written, or nobody knows the end of, is looked at.
        if (!stored?.hash || stored.hash === REMOVED) return true
        try {
          const wanted = fieldsOf(target, record)
          const shown = document as Readonly<Record<string, unknown>>
          const { hasChanged, notes } = mergeRecord(target, { record, wanted, shown, base: stored.base })
          return hasChanged || notes.some(({ open }) => open)
        } catch {
          // Its job fails, and says why.
          return true
        }
      },
      isSurplus: ({ remove, tombstone }, stored) =>
        (remove ?? tombstone) !== undefined && stored !== undefined && stored.hash !== REMOVED,
    },
  }
}
