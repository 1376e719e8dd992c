import { TRIGGER_NAMES } from '../shown/names.ts'
import type { HelperFunction } from './helper-functions.ts'
import type { InstalledFunction } from './installed.ts'
import type { TriggerConfig, WantedTable } from './objects.ts'
import { FUNCTION_SETTINGS, parseComment, type WantedObjects, wantedObjects } from './objects.ts'

/** How an object of the configuration stands in the database. */
export interface TableDifference {
  readonly wanted: WantedTable
  /** What is wrong, one phrase each; `missing` alone when there is nothing of it. */
  readonly wrong: readonly string[]
  /** Whether a trigger is missing or does not fire. */
  readonly lacks: boolean
  /** Columns that its function names and the database does not have: `public.customers.phone`. */
  readonly gone: readonly string[]
  /** Whether it works as another version of the library made it: what its text says cannot be compared. */
  readonly isOtherVersion: boolean
}

/** The configuration's objects beside the database's. */
export interface Comparison {
  readonly wanted: WantedObjects
  readonly helpers: readonly { readonly wanted: HelperFunction; readonly wrong: readonly string[] }[]
  readonly tables: readonly TableDifference[]
  /** Functions in the database that the configuration does not want. */
  readonly obsolete: readonly InstalledFunction[]
}

/** Phrase for an object that is not there at all. */
export const MISSING = 'missing'

/**
 * Compares what the configuration wants with what is installed, down to the text of the functions.
 */
export function compareObjects(config: TriggerConfig, installed: readonly InstalledFunction[]): Comparison {
  const wanted = wantedObjects(config)
  const byName = new Map(installed.map((one) => [one.name, one]))
  const known = new Set([
    ...wanted.helpers.map((one) => one.name),
    // A helper that no table needs is not obsolete: the next target will need it again.
    ...wanted.tables.map((one) => one.function),
  ])
  return {
    wanted,
    helpers: wanted.helpers.map((one) => ({ wanted: one, wrong: helperTrouble(one, byName.get(one.name)) })),
    tables: wanted.tables.map((one) => tableDifference(one, byName.get(one.function))),
    obsolete: installed.filter((one) => !known.has(one.name)),
  }
}

function helperTrouble(wanted: HelperFunction, installed: InstalledFunction | undefined): string[] {
  if (!installed) return [MISSING]
  return functionTrouble(wanted.body, installed, false)
}

function tableDifference(wanted: WantedTable, installed: InstalledFunction | undefined): TableDifference {
  if (!installed) return { wanted, wrong: [MISSING], lacks: true, gone: [], isOtherVersion: false }
  const { gone, comment } = installed
  const wrong = functionTrouble(wanted.body, installed, true)
  const otherVersion = parseComment(comment)?.version !== parseComment(wanted.comment)?.version
  if (otherVersion) wrong.push('it was made by another version of prisma-writeback')
  if (!isSameComment(comment, wanted.comment)) wrong.push('its comment names other targets')
  if (gone.length > 0) wrong.push(`writes fail: it names ${gone.join(', ')}, and that is gone`)
  const changed = wrong.length
  for (const event of wanted.events) {
    const trigger = installed.triggers.find(
      (one) =>
        one.name === TRIGGER_NAMES[event] && one.schema === wanted.schema && one.table === wanted.table,
    )
    if (!trigger) wrong.push(`trigger ${TRIGGER_NAMES[event]} is missing`)
    else if (!trigger.enabled) wrong.push(`trigger ${trigger.name} is disabled`)
    else if (trigger.event !== event || !trigger.rows)
      wrong.push(`trigger ${trigger.name} is defined otherwise`)
  }
  const lacks = wrong.length > changed
  for (const trigger of installed.triggers) {
    if (trigger.event === 'other' || !wanted.events.includes(trigger.event)) {
      wrong.push(`trigger ${trigger.name} is not wanted`)
    }
  }
  return { wanted, wrong, lacks, gone, isOtherVersion: otherVersion && !lacks && gone.length === 0 }
}

function isSameComment(installed: string | null, wanted: string): boolean {
  const targets = (comment: string | null) => {
    const { mirrored, shown } = parseComment(comment) ?? {}
    return JSON.stringify([mirrored, shown])
  }
  return targets(installed) === targets(wanted)
}

function functionTrouble(body: string, installed: InstalledFunction, definer: boolean): string[] {
  const wrong = []
  if (installed.body !== body) wrong.push('its text differs')
  if (installed.definer !== definer) wrong.push('it runs with other rights')
  if (installed.settings.join() !== FUNCTION_SETTINGS.join()) wrong.push('its search path differs')
  return wrong
}
