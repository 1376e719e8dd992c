import { installedTargets, readInstalled } from '../capture/triggers/index.ts'
import { parseComment } from '../capture/triggers/objects.ts'
import type { OperationsContext } from './context.ts'

/** How the changes of a target are seen in this database. */
export interface CaptureState {
  /** What is configured, and for `auto` what that comes to. */
  readonly mode: 'extension' | 'trigger'
  /** `incomplete`: some were dropped or disabled, or went with a table that was made anew. */
  readonly triggers: 'none' | 'complete' | 'incomplete'
}

/** How the changes of each target are seen, by its name. */
export async function captureStates({
  config,
  sql,
}: Pick<OperationsContext, 'config' | 'sql'>): Promise<ReadonlyMap<string, CaptureState>> {
  const { mode, models } = config.capture
  const [complete, functions] = await Promise.all([
    installedTargets(sql, config.schemas),
    readInstalled(sql, config.schemas),
  ])
  const begun = new Set(functions.flatMap(({ comment }) => parseComment(comment)?.mirrored ?? []))
  return new Map(
    config.targets.map(({ name, model }): [string, CaptureState] => {
      const triggers = complete.has(name) ? 'complete' : begun.has(name) ? 'incomplete' : 'none'
      const wanted = models[model] ?? mode
      const found = triggers === 'complete' ? 'trigger' : 'extension'
      return [name, { mode: wanted === 'auto' ? found : wanted, triggers }]
    }),
  )
}
