import type { LaneRequest } from '../lane/outcome.ts'
import type { Outcomes } from '../lane/pending-write.ts'
import type { Target } from '../model/target.ts'
import { TARGET_KINDS } from './kinds.ts'
import type { StateSink, TargetKind, WorkerServices } from './target.ts'

/**
 * Opens the sinks of all kinds that the targets are of, as one: each request goes to the sink of its target's kind.
 * @param kinds every kind there is; the library's own by default
 */
export function openSinks(
  targets: readonly Target[],
  services: WorkerServices,
  kinds: readonly TargetKind[] = TARGET_KINDS,
): StateSink {
  const sinks = new Map(
    [...new Set(targets.map(({ kind }) => kind))].map((kind) => {
      const found = kinds.find((one) => one.kind === kind)
      if (!found) throw new Error(`there is no kind of target "${kind}"`)
      return [kind, found.open(services) as StateSink]
    }),
  )
  const sinkOf = ({ kind, name }: Target): StateSink => {
    const sink = sinks.get(kind)
    if (!sink) throw new Error(`no sink is open for target ${name}, which is of kind "${kind}"`)
    return sink
  }
  return {
    async write(lane, requests: readonly LaneRequest<Target>[], signal): Promise<Outcomes> {
      const byKind = Map.groupBy(requests, ({ target }) => target.kind)
      const outcomes = await Promise.all(
        [...byKind.values()].map((some) =>
          sinkOf((some[0] as LaneRequest<Target>).target).write(lane, some, signal),
        ),
      )
      return new Map(outcomes.flatMap((one) => [...one]))
    },
    compare: (target, options) => sinkOf(target).compare(target, options),
    async close() {
      await Promise.all([...sinks.values()].map((sink) => sink.close()))
    },
  }
}
