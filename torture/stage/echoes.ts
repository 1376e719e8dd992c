import type { Fact } from '../people/facts.ts'
import type { TortureTab } from '../spreadsheets.ts'

/** A request of a write that puts values into cells, as far as it says which. */
export interface CellWrites {
  readonly updateCells?: {
    readonly start?: { readonly sheetId?: number; readonly rowIndex?: number; readonly columnIndex?: number }
    readonly rows?: readonly { readonly values?: readonly { readonly userEnteredValue?: object }[] }[]
  }
}

/**
 * Cells in rows of records into which a write is about to put what stands there already: whatever it was caused by is in
 * the sheet. So is an edit that comes back to the sheet that it came from.
 * @param rows what the tab shows
 */
export function echoesOf(
  tab: TortureTab,
  sheetId: number,
  rows: readonly (readonly string[])[],
  requests: readonly CellWrites[],
): Extract<Fact, { kind: 'echo' }>[] {
  const headers = rows.find((cells) => cells.includes(tab.key)) ?? []
  const keyColumn = headers.indexOf(tab.key)
  return requests.flatMap(({ updateCells: { start, rows: written = [] } = {} }) => {
    if (start === undefined || (start.sheetId ?? 0) !== sheetId) return []
    const { rowIndex = 0, columnIndex = 0 } = start
    return written.flatMap(({ values = [] }, down) => {
      const shown = rows[rowIndex + down] ?? []
      const key = shown[keyColumn] ?? ''
      if (shown === headers || key === '') return []
      return values.flatMap(({ userEnteredValue }, right) => {
        const value = textOf(userEnteredValue)
        if (value === '' || value !== shown[columnIndex + right]) return []
        const header = headers[columnIndex + right] ?? ''
        return [{ kind: 'echo' as const, target: tab.target, key, header, value }]
      })
    })
  })
}

/** A value as a cell shows it, of the types that the tab has in which people work. */
function textOf(entered: object = {}): string {
  const [value = ''] = Object.values(entered)
  return typeof value === 'boolean' ? String(value).toUpperCase() : String(value)
}
