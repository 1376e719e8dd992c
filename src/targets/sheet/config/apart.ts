import { wrongOption } from '../../../config/wrong-option.ts'
import type { SheetTarget } from './target.ts'

/**
 * Two targets that write one tab would wait for each other's rows for ever.
 * @throws WritebackError `CONFIG_INVALID`
 */
export function assertTabsApart(targets: readonly SheetTarget[]): void {
  const tabs = new Map<string, string>()
  for (const { name, spreadsheetId, tab } of targets) {
    // Google tells titles apart without regard to case.
    const key = JSON.stringify([spreadsheetId, tab.toLowerCase()])
    const other = tabs.get(key)
    if (other !== undefined) {
      throw wrongOption(`target "${name}"`, 'tab', 'a tab of its own for every target', `that of "${other}"`)
    }
    tabs.set(key, name)
  }
}
