import {
  checkTriggers,
  installedTargets,
  readInstalled,
  type TriggerFinding,
  type TriggerState,
  triggerStates,
} from '../capture/triggers/index.ts'
import type { OperationsContext } from './context.ts'

/** How the changes of a target are seen in this database. */
export interface CaptureState {
  /** What is configured, and for `auto` what that comes to. */
  readonly mode: 'extension' | 'trigger'
  /** How its triggers stand in this database. */
  readonly triggers: TriggerState
}

/**
 * What is wrong with the triggers of the targets that have some, or insist on them.
 * @returns nothing where the extension captures everything
 */
export async function checkCapture(
  context: Pick<OperationsContext, 'config' | 'sql'>,
): Promise<readonly TriggerFinding[]> {
  const states = await captureStates(context)
  // Triggers that are there in part are meant to be there.
  const byTrigger = context.config.targets.filter(({ name }) => {
    const state = states.get(name)
    return state?.mode === 'trigger' || (state !== undefined && state.triggers !== 'none')
  })
  return checkTriggers(context.sql, { ...context.config, targets: byTrigger })
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
  const states = triggerStates(config, functions)
  return new Map(
    config.targets.map(({ name, model }): [string, CaptureState] => {
      const triggers = states.get(name) ?? 'none'
      const wanted = models[model] ?? mode
      const found = complete.has(name) ? 'trigger' : 'extension'
      return [name, { mode: wanted === 'auto' ? found : wanted, triggers }]
    }),
  )
}
