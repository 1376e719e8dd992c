import type { LaneRequest } from '../lane/outcome.ts'
import type { Outcomes } from '../lane/pending-write.ts'
import type { Target } from '../model/target.ts'
import { byKind, kindOf, type StateSink, type TargetKind, type WorkerServices } from './target.ts'

/** Opens the sinks of all kinds that the targets are of, as one: each request goes to the sink of its target's kind. */
export async function openSinks(targets: readonly Target[], services: WorkerServices): Promise<StateSink> {
  const sinks = new Map<TargetKind, StateSink>()
  const close = async () => {
    await Promise.all([...sinks.values()].map((sink) => sink.close()))
  }
  try {
    for (const kind of byKind(targets).keys()) {
      const onCall: WorkerServices['onCall'] = (call, failure) =>
        services.onCall({ ...call, place: kind.kind }, failure)
      sinks.set(kind, await kind.open({ ...services, onCall }))
    }
  } catch (error) {
    await close()
    throw error
  }
  const sinkOf = (target: Target): StateSink => {
    const sink = sinks.get(kindOf(target))
    if (!sink) throw new TypeError(`no sink is open for target ${target.name}`)
    return sink
  }
  return {
    async write(lane, requests: readonly LaneRequest<Target>[], signal): Promise<Outcomes> {
      const bySink = Map.groupBy(requests, ({ target }) => sinkOf(target))
      const outcomes = await Promise.all([...bySink].map(([sink, some]) => sink.write(lane, some, signal)))
      return new Map(outcomes.flatMap((one) => [...one]))
    },
    async findEdits(lane, targets, editor, signal) {
      const bySink = Map.groupBy(targets, sinkOf)
      const found = await Promise.all(
        [...bySink].map(([sink, some]) => sink.findEdits?.(lane, some, editor, signal)),
      )
      return { records: new Map(found.flatMap((one) => [...(one?.records ?? [])])) }
    },
    compare: (target, options) => sinkOf(target).compare(target, options),
    close,
  }
}
