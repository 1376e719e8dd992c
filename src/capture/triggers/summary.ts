import { compareObjects, MISSING } from './compare.ts'
import type { InstalledFunction } from './installed.ts'
import type { TriggerConfig } from './objects.ts'

/** How the triggers of one table stand. */
export interface TableSummary {
  /** With its Postgres schema. */
  readonly table: string
  /** Why it has triggers: `target airports`, `target requests, through operator`. */
  readonly shownBy: readonly string[]
  /** `outdated`: they work, as another version of the library made them. `wrong`: changes may be missed, or writes fail. */
  readonly state: 'current' | 'missing' | 'outdated' | 'wrong'
  /** What is wrong, one phrase each. */
  readonly wrong: readonly string[]
}

/** What the configuration wants beside what is installed, in short. */
export interface TriggerSummary {
  readonly tables: readonly TableSummary[]
  /** Functions that no target needs any more. */
  readonly obsolete: readonly string[]
}

/** Sums up how the triggers stand. Pure. */
export function summarizeTriggers(
  config: TriggerConfig,
  installed: readonly InstalledFunction[],
): TriggerSummary {
  const { tables, obsolete } = compareObjects(config, installed)
  return {
    tables: tables.map(({ wanted: { schema, table, plan }, wrong, isOtherVersion }) => ({
      table: `${schema}.${table}`,
      shownBy: plan.causes.map((cause) =>
        cause.kind === 'own'
          ? `target ${cause.target.name}`
          : `target ${cause.target.name}, through ${cause.path}`,
      ),
      state: stateOf(wrong, isOtherVersion),
      wrong: wrong.includes(MISSING) ? [] : wrong,
    })),
    obsolete: obsolete.map(({ name }) => name),
  }
}

function stateOf(wrong: readonly string[], isOtherVersion: boolean): TableSummary['state'] {
  if (wrong.length === 0) return 'current'
  if (wrong.includes(MISSING)) return 'missing'
  return isOtherVersion ? 'outdated' : 'wrong'
}
