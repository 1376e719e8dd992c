import type { HelperFunction } from './helper-functions.ts'
import type { InstalledFunction } from './installed.ts'
import { TRIGGER_NAMES } from './names.ts'
import type { TriggerConfig, WantedTable } from './objects.ts'
import { FUNCTION_SETTINGS, type WantedObjects, wantedObjects } from './objects.ts'

/** How an object of the configuration stands in the database. */
export interface TableDifference {
  readonly wanted: WantedTable
  /** What is wrong, one phrase each; `missing` alone when there is nothing of it. */
  readonly wrong: readonly string[]
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
    tables: wanted.tables.map((one) => ({ wanted: one, wrong: tableTrouble(one, byName.get(one.function)) })),
    obsolete: installed.filter((one) => !known.has(one.name)),
  }
}

function helperTrouble(wanted: HelperFunction, installed: InstalledFunction | undefined): string[] {
  if (!installed) return [MISSING]
  return functionTrouble(wanted.body, installed, false)
}

function tableTrouble(wanted: WantedTable, installed: InstalledFunction | undefined): string[] {
  if (!installed) return [MISSING]
  const wrong = functionTrouble(wanted.body, installed, true)
  if (installed.comment !== wanted.comment) wrong.push('its comment names other targets')
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
  for (const trigger of installed.triggers) {
    if (trigger.event === 'other' || !wanted.events.includes(trigger.event)) {
      wrong.push(`trigger ${trigger.name} is not wanted`)
    }
  }
  return wrong
}

function functionTrouble(body: string, installed: InstalledFunction, definer: boolean): string[] {
  const wrong = []
  if (installed.body !== body) wrong.push('its text differs')
  if (installed.definer !== definer) wrong.push('it runs with other rights')
  if (installed.settings.join() !== FUNCTION_SETTINGS.join()) wrong.push('its search path differs')
  return wrong
}
