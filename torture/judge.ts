import { expectedRows } from './judge/expected-rows.ts'
import type { Known } from './judge/known.ts'
import { judgeTab, type Moment } from './judge/tab.ts'
import type { Violation } from './judge/violation.ts'
import { TABS } from './spreadsheets.ts'
import type { Stage } from './stage/stage.ts'

/*
 * The judge reads sheets and tables by itself and shares no code with the library: what it expects of a cell is
 * written down in judge/expected-rows.ts once more.
 */

/** Compares every tab with its table. */
export async function judgeSheets(stage: Stage, known: Known, moment: Moment): Promise<Violation[]> {
  const found: Violation[] = []
  for (const tab of TABS) {
    const expected = await expectedRows(stage.database, tab.target)
    const tabs = await stage.sheets.read(tab.spreadsheetId)
    const cells = tabs.find(({ sheetId }) => sheetId === known.sheetIds.get(tab.target))
    found.push(...judgeTab(tab, cells, expected, known, moment))
  }
  return found
}

/** Where the tabs are before anybody renames them; those that the library has not made are left out. */
export async function findTabs({ sheets }: Stage): Promise<Map<string, number>> {
  const ids = new Map<string, number>()
  for (const { target, spreadsheetId, title } of TABS) {
    const found = (await sheets.read(spreadsheetId)).find((tab) => tab.title === title)
    if (found) ids.set(target, found.sheetId)
  }
  return ids
}
