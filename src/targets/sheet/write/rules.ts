import type { sheets_v4 } from 'googleapis/build/src/apis/sheets/v4.js'
import { type Choices, fingerprint } from '../tab/choices.ts'
import type { StoredLayout } from '../tab/memory.ts'
import { BOX, ruleRequest } from './help.ts'
import type { SetupColumn, SetupTab } from './setup-tab.ts'

/** What is done to the rules of a tab, and what is to be remembered of them. */
export interface RulePlan {
  readonly requests: readonly sheets_v4.Schema$Request[]
  readonly stored: Pick<StoredLayout, 'ruled' | 'boxed' | 'choices'>
}

/** Headers of columns whose list of records is not what their drop-down has. */
export function staleChoices(stored: StoredLayout | undefined, choices: Choices | undefined): string[] {
  return Object.entries(stored?.choices ?? {}).flatMap(([header, print]) => {
    const list = choices?.get(header)
    return list !== undefined && fingerprint(list) !== print ? [header] : []
  })
}

/**
 * The rules of columns that are made now, and of rows that the tab grows by. They are set once, and are people's from then on,
 * but for a list of records: it is set again when the records are others.
 * @param grows whether rows are added to the end of the tab
 */
export function planRules(tab: SetupTab, columns: readonly SetupColumn[], grows: boolean): RulePlan {
  const { sheetId, layout, newHeaders, rowCount, endRow, isNew, choices } = tab
  const first = layout.headerRow + 1
  const requests: sheets_v4.Schema$Request[] = []
  const ruled = new Set(tab.stored?.ruled)
  const boxed = new Set(tab.stored?.boxed)
  const lists: Record<string, string | null> = { ...tab.stored?.choices }
  const stale = new Set(staleChoices(tab.stored, choices))
  for (const { header, column, help } of columns) {
    const isMade = isNew || newHeaders.has(header)
    if (help?.isChoice && (isMade || stale.has(header))) {
      if (help.rule || !isMade) requests.push(ruleRequest(sheetId, column, first, help.rule))
      lists[header] = fingerprint(choices?.get(header) ?? null)
      if (help.rule) ruled.add(header)
      else ruled.delete(header)
    } else if (help?.rule && isMade) {
      requests.push(ruleRequest(sheetId, column, first, help.rule))
      ruled.add(header)
      if (help.isBox) boxed.add(header)
      if (help.isBox && endRow > first) requests.push(ruleRequest(sheetId, column, first, BOX, endRow))
    } else if (help?.rule && grows && ruled.has(header)) {
      requests.push(ruleRequest(sheetId, column, rowCount, help.rule))
    }
  }
  return {
    requests,
    stored: {
      ...(ruled.size > 0 && { ruled: [...ruled] }),
      ...(boxed.size > 0 && { boxed: [...boxed] }),
      ...(Object.keys(lists).length > 0 && { choices: lists }),
    },
  }
}
