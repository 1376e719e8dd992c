import { installedTargets } from '../capture/triggers/index.ts'
import type { OperationsContext } from './context.ts'

/** How the changes of each target are seen: what is configured, and for `auto` what that comes to here. */
export async function captureModes({
  config,
  sql,
}: Pick<OperationsContext, 'config' | 'sql'>): Promise<ReadonlyMap<string, 'extension' | 'trigger'>> {
  const { mode, models } = config.capture
  const installed = await installedTargets(sql, config.schemas)
  return new Map(
    config.targets.map(({ name, model }) => {
      const wanted = models[model] ?? mode
      if (wanted !== 'auto') return [name, wanted]
      return [name, installed.has(name) ? 'trigger' : 'extension']
    }),
  )
}
