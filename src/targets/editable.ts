import type { WritebackConfig } from '../config/define-config.ts'
import type { Target } from '../model/target.ts'
import { kindOf } from './target.ts'

/** Targets that something comes back from, by lane. */
export function editableTargets({
  targets,
  dataModel,
}: Pick<WritebackConfig, 'targets' | 'dataModel'>): ReadonlyMap<string, readonly Target[]> {
  const editable = targets.filter((target) => kindOf(target).editRules?.(target, dataModel) !== undefined)
  return Map.groupBy(editable, ({ lane }) => lane)
}
