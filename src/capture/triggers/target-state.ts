import { type Comparison, compareObjects, MISSING, type TableDifference } from './compare.ts'
import type { InstalledFunction } from './installed.ts'
import { parseComment, type TriggerConfig } from './objects.ts'

/**
 * How the triggers of a target stand.
 * - `none`: there are none of it
 * - `complete`: they are as the configuration wants them
 * - `outdated`: they work, and are those of another configuration, data model or version of the library
 * - `incomplete`: some were dropped or disabled, or went with a table that was made anew
 * - `failing`: a function names a column or calls a function that is gone, so that every write that fires it fails
 */
export type TriggerState = 'none' | 'complete' | 'outdated' | 'incomplete' | 'failing'

/** How the triggers of each target of the configuration stand, by its name. */
export function triggerStates(
  config: TriggerConfig,
  installed: readonly InstalledFunction[],
): ReadonlyMap<string, TriggerState> {
  const begun = new Set(installed.flatMap(({ comment }) => parseComment(comment)?.mirrored ?? []))
  const comparison = compareObjects(config, installed)
  return new Map(
    config.targets.map(({ name }): [string, TriggerState] => [
      name,
      begun.has(name) ? stateOf(comparison, name) : 'none',
    ]),
  )
}

function stateOf({ tables, helpers }: Comparison, target: string): TriggerState {
  const mine = tables.filter(({ wanted }) => wanted.plan.causes.some((cause) => cause.target.name === target))
  // Functions of another version call helpers of their own.
  const current = mine.some(({ isOtherVersion }) => !isOtherVersion)
  const isHelpless = current && helpers.some(({ wrong }) => wrong.includes(MISSING))
  if (isHelpless || mine.some(({ gone }) => gone.length > 0)) return 'failing'
  if (mine.some(isIncomplete)) return 'incomplete'
  return mine.some(({ wrong }) => wrong.length > 0) ? 'outdated' : 'complete'
}

function isIncomplete({ wrong, lacks }: TableDifference): boolean {
  return lacks || wrong.includes(MISSING)
}
