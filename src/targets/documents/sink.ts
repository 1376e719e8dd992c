import { getOrMake } from '../../get-or-make.ts'
import { outcomeOfError } from '../../lane/database-away.ts'
import { Lane } from '../../lane/lane.ts'
import { type LaneRequest, LEAVING, type Outcome } from '../../lane/outcome.ts'
import type { Outcomes } from '../../lane/pending-write.ts'
import { SharedLane } from '../../lane/shared-lane.ts'
import { signalsOf } from '../../lane/signals.ts'
import { LaneStore } from '../../lane/store.ts'
import { Tickets } from '../../lane/tickets.ts'
import type { Target } from '../../model/target.ts'
import { TargetStates } from '../state.ts'
import type { StateSink, WorkerServices } from '../target.ts'
import { compareDocuments } from './compare.ts'
import type { DocumentContext } from './context.ts'
import { DocumentLane } from './lane.ts'
import type { DocumentPlace } from './place.ts'
import { probePlace } from './probe.ts'
import { DocumentStore } from './store.ts'
import { writeDocuments } from './write.ts'

/** Bounds of an exclusive lane. Times in milliseconds. */
const LIMITS = { batchRecords: 2_000, linger: 0, laneWait: 15_000, leaveWithin: 10_000 }

/**
 * Makes the sink of a kind whose places take whole documents.
 * @param open called once for each target
 */
export function createDocumentSink<T extends Target>(
  services: WorkerServices,
  open: (target: T) => DocumentPlace<T>,
): StateSink<T> {
  const { sql, schemas, dataModel, reader, log, holder, locks, onCall } = services
  const context: DocumentContext = {
    ...{ sql, reader, log, onCall },
    store: new DocumentStore(schemas.library),
    states: new TargetStates(schemas.library),
    tickets: new Tickets(schemas.library),
  }
  const lanes = new LaneStore(schemas.library)
  const places = new Map<string, DocumentPlace<T>>()
  const placeOf = (target: T) => getOrMake(places, target.name, () => open(target))
  const exclusive = new Map<string, Lane<T>>()
  const exclusiveLane = ({ lane }: T) =>
    getOrMake(exclusive, lane, () => {
      const laneContext = { locks, lanes, quota: { isLow: false }, limits: LIMITS, log, holder }
      return new Lane<T>(lane, laneContext, new DocumentLane(placeOf, context))
    })
  const shared = new Map<string, SharedLane>()
  const sharedLane = ({ lane }: T, noun: string) =>
    getOrMake(shared, lane, () => new SharedLane(lane, noun, { sql, lanes, log, holder }))
  const underWay = new Set<Promise<unknown>>()
  return {
    async write(_lane, requests, signal = new AbortController().signal) {
      const writing = Promise.all(
        requests.map((request): Promise<Outcomes> => {
          const { target } = request
          const place = placeOf(target)
          if (place.isExclusive) return exclusiveLane(target).write([request], signal)
          return writeShared(context, place, sharedLane(target, place.noun), request, signal)
        }),
      )
      underWay.add(writing)
      const outcomes = await writing.finally(() => underWay.delete(writing))
      return new Map(outcomes.flatMap((one) => [...one]))
    },
    compare: (target, options) => compareDocuments(context, dataModel, placeOf(target), target, options),
    async close() {
      await Promise.allSettled(underWay)
      await Promise.all([...exclusive.values()].map((lane) => lane.close()))
      await Promise.all([...places.values()].map((place) => place.close?.()))
    },
  }
}

async function writeShared<T extends Target>(
  context: DocumentContext,
  place: DocumentPlace<T>,
  lane: SharedLane,
  { target, ids, unseen = new Map() }: LaneRequest<T>,
  leaving: AbortSignal,
): Promise<Outcomes> {
  const found = new Map<string, Outcome>()
  const signals = signalsOf(new Set([leaving]), LIMITS.leaveWithin)
  try {
    const rest = leaving.aborted
      ? LEAVING
      : await outcomeOfWork(() =>
          lane.during(
            () => probePlace(place, target, signals),
            async () => {
              const job = { target, ids: [...new Set(ids)], unseen }
              const { outcomes, failure } = await writeDocuments(context, place, job, signals)
              for (const [id, outcome] of outcomes) found.set(id, outcome)
              if (failure)
                await context.states.recordError(context.sql, [target.name], failure.code, failure.message)
              return failure
            },
          ),
        )
    if (rest) for (const id of ids) if (!found.has(id)) found.set(id, rest)
    return new Map([[target.name, found]])
  } finally {
    signals.dispose()
  }
}

/** What broke around the writing is an outcome as well. */
async function outcomeOfWork(work: () => Promise<Outcome | undefined>): Promise<Outcome | undefined> {
  try {
    return await work()
  } catch (error) {
    return outcomeOfError(error)
  }
}
